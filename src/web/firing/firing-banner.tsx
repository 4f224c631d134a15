import { AddressLink } from '../components/address-link.tsx'
import { createBucketFormatter } from '../format/dates.ts'
import { messages } from '../messages/messages.ts'
import { formatMetric } from '../metrics/metric-value.ts'
import { otherView } from '../state/address.ts'
import { useApp } from '../state/app.ts'
import type { ViewState } from '../state/view-state.ts'
import { concerns } from './affected-views.ts'

const MAX_SHOWN = 3

/** The firing alerts about the numbers of a view, with links to them. */
export function FiringBanner({ viewState }: { readonly viewState: ViewState }) {
  const { firing } = useApp()
  const { firing: texts } = messages()
  const alerts = firing.alerts.value.filter((alert) => concerns(alert, viewState))
  if (alerts.length === 0) return null
  const more = alerts.length - MAX_SHOWN
  return (
    <section class="banner firing-banner" aria-label={texts.title}>
      <strong>{texts.title}</strong>
      <ul role="list">
        {alerts.slice(0, MAX_SHOWN).map(({ id, name, metric, granularity, timezone, states }) => {
          const { since, value } = states.find(({ state }) => state === 'firing')!
          return (
            <li key={id}>
              <AddressLink next={{ ...otherView('alerts'), id }}>
                <bdi>{name}</bdi>
              </AddressLink>
              {value !== null && <span>{formatMetric(metric, value)}</span>}
              {since !== null && (
                <span>{texts.since(createBucketFormatter(granularity, timezone!)(Date.parse(since)))}</span>
              )}
            </li>
          )
        })}
        {more > 0 && (
          <li>
            <AddressLink next={otherView('alerts')}>{texts.more(String(more))}</AddressLink>
          </li>
        )}
      </ul>
    </section>
  )
}
