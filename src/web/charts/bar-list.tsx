import { formatCount } from '../format/numbers.ts'

export interface Bar {
  readonly label: string
  readonly value: number
}

/** Counts of a few categories as horizontal bars with their numbers. */
export function BarList({ title, bars }: { readonly title: string; readonly bars: readonly Bar[] }) {
  return (
    <ul class="bar-list" aria-label={title}>
      {bars.map(({ label, value }) => (
        <li key={label}>
          {label} {formatCount(value)}
        </li>
      ))}
    </ul>
  )
}
