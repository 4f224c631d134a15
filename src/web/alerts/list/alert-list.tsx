import type { ShownAlert } from '../../../http/alerts/alert-data.ts'
import type { AlertPresets } from '../alerts-data.ts'
import { AddressLink } from '../../components/address-link.tsx'
import { Card } from '../../components/card.tsx'
import { mayWrite } from '../../definitions/write-access.ts'
import { useApp } from '../../state/app.ts'
import { shownStateOf } from '../state-badge.tsx'
import { alertTexts } from '../texts/alert-texts.ts'
import { AlertItem } from './alert-item.tsx'
import { PresetLinks } from './preset-links.tsx'

interface AlertListProps {
  readonly alerts: readonly ShownAlert[]
  readonly presets: AlertPresets
  readonly zone: string
  /** When the rules were read, epoch milliseconds. */
  readonly asOf: number
}

/** The most urgent ones first. */
const ORDER = ['firing', 'recovering', 'pending', 'stale', 'noData', 'normal', 'disabled'] as const

/** All rules with their states, and the presets to start from. */
export function AlertList({ alerts, presets, zone, asOf }: AlertListProps) {
  const { session } = useApp()
  const { list, readOnly } = alertTexts()
  const mayChange = mayWrite(session.state.value)
  const ordered = alerts.toSorted((a, b) => ORDER.indexOf(shownStateOf(a)) - ORDER.indexOf(shownStateOf(b)))
  return (
    <>
      {!mayChange && <p class="note">{readOnly}</p>}
      <Card title={list.rules} class="alert-rules">
        {alerts.length === 0 ? (
          <p>{list.none}</p>
        ) : (
          <ul class="alert-list" role="list">
            {ordered.map((alert) => (
              <AlertItem key={alert.id} {...{ alert, zone, asOf }} />
            ))}
          </ul>
        )}
        <p class="status-actions">
          <AddressLink class="button primary" next={{ definition: '{}' }}>
            {list.create}
          </AddressLink>
        </p>
      </Card>
      <Card title={list.presets}>
        <PresetLinks presets={presets} />
      </Card>
    </>
  )
}
