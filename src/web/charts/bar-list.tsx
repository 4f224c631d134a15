import type { Drill } from '../../analytics/drill-down/drill.ts'
import { DrillLink } from '../drill-down/drill-link.tsx'
import { formatCount, formatShare } from '../format/numbers.ts'
import { messages } from '../messages/messages.ts'

export interface Bar {
  readonly label: string
  readonly value: number
  /** The search behind the number. */
  readonly drill?: Drill | undefined
}

interface BarListProps {
  readonly title: string
  readonly bars: readonly Bar[]
  /** The name of the custom property `--series-…` in the style sheet. */
  readonly colour?: string
}

/** Counts of a few categories as horizontal bars, with their numbers and their shares of the total. The longest bar is the largest count. */
export function BarList({ title, bars, colour = 'sent' }: BarListProps) {
  const values = bars.map(({ value }) => value)
  const largest = Math.max(1, ...values)
  const total = values.reduce((sum, value) => sum + value, 0)
  return (
    <ul class="bar-list" role="list" aria-label={title} style={{ '--series': `var(--series-${colour})` }}>
      {bars.map(({ label, value, drill }, index) => (
        // Two campaigns can have the same name.
        <li key={index}>
          <bdi class="bar-label" title={label}>
            {label}
          </bdi>
          <span class="bar" aria-hidden="true" style={{ '--share': value / largest }} />
          <span class="bar-value">
            <DrillLink drill={drill} label={`${title}, ${label}`}>
              {formatCount(value)}
            </DrillLink>
          </span>
          <span class="bar-share" title={messages().chart.shareOfTotal}>
            {total > 0 ? formatShare(value / total) : '–'}
          </span>
        </li>
      ))}
    </ul>
  )
}
