import type { Drill } from '../../analytics/drill-down/drill.ts'
import { DrillLink } from '../drill-down/drill-link.tsx'
import { formatCount, formatShare } from '../format/numbers.ts'

export interface Part {
  readonly id: string
  readonly label: string
  /** Explains the part, below its label. */
  readonly description?: string
  readonly value: number
  /** The search behind the number. */
  readonly drill?: Drill | undefined
  /** The name of the custom property `--series-…` in the style sheet. */
  readonly colour: string
}

interface StackedBarProps {
  readonly title: string
  /** The parts of a whole, none of them in two. */
  readonly parts: readonly Part[]
}

/** The parts of a whole as one bar, and below it each part with its number and its share, in the same order. */
export function StackedBar({ title, parts }: StackedBarProps) {
  const total = parts.reduce((sum, { value }) => sum + value, 0)
  return (
    <div class="stacked">
      <div class="stacked-bar" aria-hidden="true">
        {parts.map(
          ({ id, value, colour }) =>
            value > 0 && <span key={id} style={{ flexGrow: value, '--series': `var(--series-${colour})` }} />,
        )}
      </div>
      <ul class="stacked-parts" role="list" aria-label={title}>
        {parts.map(({ id, label, description, value, colour, drill }) => (
          <li key={id} data-part={id}>
            <span class="swatch" aria-hidden="true" style={{ '--series': `var(--series-${colour})` }} />
            <span class="stacked-label">
              {label}
              {description !== undefined && <small>{description}</small>}
            </span>
            <span class="stacked-value">
              <DrillLink drill={drill} label={label}>
                {formatCount(value)}
              </DrillLink>
            </span>
            <span class="bar-share">{total > 0 ? formatShare(value / total) : '–'}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
