/** The values of dimensions of single events and messages, where the store does not decide a filter. */
import type { TimeZone } from '../../base/time-zone.ts'
import { WEEKDAYS } from '../time/buckets.ts'
import type { FoundEvent } from './event-search.ts'
import type { HistoryEvent } from './messages/message-history.ts'
import type { SentColumns } from './messages/message-item.ts'
import type { ValueOf } from './search-filter.ts'

type DimensionColumns = SentColumns & {
  readonly step_number: number | null
  readonly bounce_class: string | null
  readonly link: string | null
}

export function eventValuesOf(event: FoundEvent, verdict: HistoryEvent | undefined, zone: TimeZone): ValueOf {
  const valueOf = valuesOf(event, event.occurred_ms, zone)
  return (dimension) => (dimension === 'actorClass' ? (verdict?.actorClass ?? null) : valueOf(dimension))
}

/** The values of all dimensions but the class of the actor, which no column has. The empty text stands for no value. */
export function valuesOf(row: DimensionColumns, at: number, zone: TimeZone): ValueOf {
  return (dimension) => {
    switch (dimension) {
      case 'channel':
        return row.channel || null
      case 'campaign':
        return row.campaign_id
      case 'workflow':
        return row.workflow_id
      case 'sequence':
        return row.sequence_id
      case 'template':
        return row.template_id
      case 'sourceType':
        return row.source_type || null
      case 'step':
        return row.step_number
      case 'bounceClass':
        return row.bounce_class
      case 'recipientDomain':
        return row.recipient_domain
      case 'link':
        return row.link
      case 'hourOfDay':
        return zone.wallTime(at).getUTCHours()
      case 'dayOfWeek':
        return WEEKDAYS[(zone.wallTime(at).getUTCDay() + 6) % 7]!
      default:
        return null
    }
  }
}
