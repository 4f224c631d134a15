import type { ShownAlert } from '../../../http/alerts/alert-data.ts'
import { AddressLink } from '../../components/address-link.tsx'
import { createBucketFormatter, formatDateTime } from '../../format/dates.ts'
import { formatCount } from '../../format/numbers.ts'
import { messages } from '../../messages/messages.ts'
import { formatMetric } from '../../metrics/metric-value.ts'
import { seriesName } from '../series-name.ts'
import { shownStateOf, StateBadge } from '../state-badge.tsx'
import { alertTexts } from '../texts/alert-texts.ts'

const MAX_SERIES = 3

interface AlertItemProps {
  readonly alert: ShownAlert
  readonly zone: string
  readonly asOf: number
}

/** A rule of the list: its state, since when and with which value, and what it watches. */
export function AlertItem({ alert, zone, asOf }: AlertItemProps) {
  const { list, stateHints } = alertTexts()
  const { metrics, dimensions } = messages()
  const { id, name, metric, granularity, splitBy, states, snoozedUntil, problem } = alert
  const state = shownStateOf(alert)
  const isOn = state !== 'disabled'
  const urgent = states.filter((series) => series.state !== 'normal' && series.state !== 'noData')
  const shown = isOn ? (splitBy === undefined ? states : urgent.slice(0, MAX_SERIES)) : []
  const firing = states.filter((series) => series.state === 'firing').length
  const bucketName = createBucketFormatter(granularity, alert.timezone!)
  return (
    <li class="alert-item" data-state={state}>
      <StateBadge state={state} />
      <div class="alert-item-text">
        <p class="alert-item-name">
          <AddressLink next={{ id }}>
            <bdi>{name}</bdi>
          </AddressLink>
          {isSnoozed(snoozedUntil, asOf) && (
            <span class="snoozed">{list.snoozed(formatDateTime(Date.parse(snoozedUntil), zone))}</span>
          )}
        </p>
        <p class="note">
          {[
            `${metrics[metric].label} ${list.perUnit[granularity]}`,
            ...(splitBy ? [list.by(dimensions[splitBy])] : []),
            ...(splitBy && firing > 0 ? [list.series(formatCount(firing), formatCount(states.length))] : []),
          ].join(' · ')}
        </p>
        {state === 'stale' && <p class="note">{stateHints.stale}</p>}
        {problem !== null && (
          <p class="field-problem">
            {list.problem} <span lang="en">{problem}</span>
          </p>
        )}
      </div>
      {shown.length > 0 && (
        <ul class="alert-item-series" role="list">
          {shown.map((series) => (
            <li key={seriesName(series.series)}>
              {splitBy && <bdi>{seriesName(series.series)}</bdi>}
              <strong>{formatMetric(metric, series.value)}</strong>
              {series.since !== null && series.state !== 'normal' && (
                <span class="note">{list.since(bucketName(Date.parse(series.since)))}</span>
              )}
            </li>
          ))}
          {urgent.length > MAX_SERIES && splitBy && (
            <li class="note">{list.more(formatCount(urgent.length - MAX_SERIES))}</li>
          )}
        </ul>
      )}
    </li>
  )
}

/** Whether nobody is told at an instant. */
export function isSnoozed(until: string | null, instant: number): until is string {
  return until !== null && Date.parse(until) > instant
}
