import { formatCount } from '../format/numbers.ts'

export interface FunnelStep {
  readonly id: string
  readonly label: string
  readonly value: number
  /** The name of the custom property `--series-…` in the style sheet. */
  readonly colour?: string
  /** Further numbers of the step. */
  readonly details?: readonly { readonly label: string; readonly text: string }[]
}

/** Steps that follow each other, with what is left and what is lost from one to the next. */
export function Funnel({ title, steps }: { readonly title: string; readonly steps: readonly FunnelStep[] }) {
  return (
    <ol class="funnel" aria-label={title}>
      {steps.map(({ id, label, value }) => (
        <li key={id}>
          {label} {formatCount(value)}
        </li>
      ))}
    </ol>
  )
}
