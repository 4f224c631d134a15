import type { Drill } from '../../analytics/drill-down/drill.ts'
import { DrillLink } from '../drill-down/drill-link.tsx'
import { formatCount, formatShare } from '../format/numbers.ts'
import { messages } from '../messages/messages.ts'
import { type FunnelShares, funnelShares } from './funnel-shares.ts'

export interface FunnelStep {
  readonly id: string
  readonly label: string
  readonly value: number
  /** The search behind the number. */
  readonly drill?: Drill | undefined
  /** The name of the custom property `--series-…` in the style sheet. */
  readonly colour?: string
  /** Further numbers of the step. */
  readonly details?: readonly { readonly label: string; readonly text: string }[]
}

interface FunnelProps {
  readonly title: string
  readonly steps: readonly FunnelStep[]
}

/** Steps that follow each other, with what is left of the first step and what is lost from one to the next. */
export function Funnel({ title, steps }: FunnelProps) {
  const { table, chart } = messages()
  if (steps.length === 0) return <p class="chart-empty">{table.empty}</p>
  const shares = funnelShares(steps.map(({ value }) => value))
  return (
    <ol class="funnel" role="list" aria-label={title}>
      {steps.map(({ id, label, value, drill, colour = 'sent', details = [] }, index) => {
        const { ofLargest, ofFirst, change } = shares[index]!
        return (
          <li key={id} style={{ '--series': `var(--series-${colour})` }}>
            {change && <Difference {...change} />}
            <p class="funnel-step">
              <span class="funnel-label">{label}</span>{' '}
              <span class="funnel-value">
                <DrillLink drill={drill} label={label}>
                  {formatCount(value)}
                </DrillLink>
              </span>{' '}
              {index > 0 && ofFirst !== undefined && (
                <span class="funnel-share">{chart.funnel.ofFirst(formatShare(ofFirst))}</span>
              )}
            </p>
            <span class="bar" aria-hidden="true" style={{ '--share': ofLargest }} />
            {details.length > 0 && (
              <dl class="funnel-details">
                {details.map((detail) => (
                  <div key={detail.label}>
                    <dt>{detail.label}</dt>
                    <dd>{detail.text}</dd>
                  </div>
                ))}
              </dl>
            )}
          </li>
        )
      })}
    </ol>
  )
}

/** What is lost or gained between two steps. */
function Difference({ count, share }: NonNullable<FunnelShares['change']>) {
  const { funnel } = messages().chart
  // Nothing can be lost after a step of zero.
  if (share === undefined && count === 0) return null
  const texts = [share === undefined ? '' : formatShare(Math.abs(share)), formatCount(Math.abs(count))] as const
  const direction = count < 0 ? 'down' : count > 0 ? 'up' : 'same'
  return (
    <p class="funnel-difference">
      <span aria-hidden="true">{{ down: '↓', up: '↑', same: '=' }[direction]}</span>{' '}
      {direction === 'same' ? funnel.same : direction === 'down' ? funnel.lost(...texts) : funnel.gained(...texts)}
    </p>
  )
}
