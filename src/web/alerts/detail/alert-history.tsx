import type { QueryMetricName } from '../../../analytics/custom-query/metric-sources.ts'
import type { ShownHistory } from '../../../http/alerts/history-data.ts'
import { formatDateTime } from '../../format/dates.ts'
import { formatCount } from '../../format/numbers.ts'
import { formatMetric } from '../../metrics/metric-value.ts'
import { seriesName } from '../series-name.ts'
import { StateBadge } from '../state-badge.tsx'
import { alertTexts } from '../texts/alert-texts.ts'

type Transition = ShownHistory['transitions'][number]
type Delivery = Transition['deliveries'][number]

interface AlertHistoryProps {
  readonly transitions: readonly Transition[]
  readonly metric: QueryMetricName
  /** The name of a bucket by its start, epoch milliseconds. */
  readonly bucketName: (start: number) => string
  readonly zone: string
}

/** The changes of state, the newest first, each with who was told. */
export function AlertHistory({ transitions, ...shown }: AlertHistoryProps) {
  const { detail } = alertTexts()
  if (transitions.length === 0) return <p>{detail.noHistory}</p>
  return (
    <ol class="alert-history" role="list">
      {transitions.map((transition) => (
        <HistoryItem
          key={`${transition.bucket} ${JSON.stringify(transition.series)} ${transition.at}`}
          transition={transition}
          {...shown}
        />
      ))}
    </ol>
  )
}

function HistoryItem({
  transition,
  metric,
  bucketName,
  zone,
}: Omit<AlertHistoryProps, 'transitions'> & { readonly transition: Transition }) {
  const { detail, states } = alertTexts()
  const { series, bucket, from, to, value, at } = transition
  return (
    <li>
      <p class="alert-history-change">
        <StateBadge state={to} />
        {series !== null && <bdi>{seriesName(series)}</bdi>}
        <time datetime={bucket}>{bucketName(Date.parse(bucket))}</time>
        <strong>{formatMetric(metric, value)}</strong>
      </p>
      <p class="note">
        {[
          detail.change(states[from], states[to]),
          ...expectedTexts(transition, metric),
          detail.judgedAt(formatDateTime(Date.parse(at), zone)),
        ].join(' · ')}
      </p>
      <Told transition={transition} zone={zone} />
    </li>
  )
}

function expectedTexts({ expected }: Transition, metric: QueryMetricName): string[] {
  const { expected: texts } = alertTexts().detail
  const { lower, upper } = expected ?? {}
  const text = (limit: number) => formatMetric(metric, limit)
  if (lower !== undefined && upper !== undefined) return [texts.both(text(lower), text(upper))]
  if (upper !== undefined) return [texts.upper(text(upper))]
  return lower === undefined ? [] : [texts.lower(text(lower))]
}

function Told({ transition, zone }: { readonly transition: Transition; readonly zone: string }) {
  const { detail } = alertTexts()
  const { announcement, silenced, deliveries } = transition
  if (silenced !== null)
    return <p class="note">{silenced === 'snoozed' ? detail.silenced.snoozed : detail.silenced.other}</p>
  if (announcement === null) return null
  if (deliveries.length === 0) return <p class="note">{detail.notTold}</p>
  return (
    <ul class="deliveries" role="list">
      {deliveries.map((delivery) => (
        <li key={`${delivery.channel} ${delivery.recipient}`} data-status={delivery.status}>
          {deliveryText(delivery, zone)}
          {delivery.error !== null && (
            <>
              {': '}
              <span lang="en">{delivery.error}</span>
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

function deliveryText({ channel, recipient, status, attempts, nextAttemptAt }: Delivery, zone: string): string {
  const { detail } = alertTexts()
  const { channels, statuses } = detail
  return [
    recipient === null ? channels[channel] : `${channels[channel]} ${recipient}`,
    statuses[status] ?? status,
    attempts === 1 ? detail.attempts.one : detail.attempts.many(formatCount(attempts)),
    ...(nextAttemptAt === null ? [] : [detail.nextAttempt(formatDateTime(Date.parse(nextAttemptAt), zone))]),
  ].join(' · ')
}
