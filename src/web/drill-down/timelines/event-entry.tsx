import type { EventItem } from '../../../analytics/drill-down/event-item.ts'
import { formatSecond } from '../../format/dates.ts'
import { eventName, textOf, texts } from '../texts/texts.ts'

interface EventEntryProps {
  readonly event: EventItem
  readonly zone: string
}

/** One event of a timeline: when and what, for opens and clicks who acted and why that is known, and its further fields folded. */
export function EventEntry({ event, zone }: EventEntryProps) {
  const { actorClasses, actorReasons, bounceClasses, bounceReasons, metadata, columns } = texts()
  const { eventType, occurredAt, actorClass, actorReason, bounceClass, stepNumber } = event
  const hasMetadata = Object.keys(event.metadata ?? {}).length > 0
  return (
    <li class="timeline-entry" data-event={eventType} data-class={actorClass ?? bounceClass}>
      <time dateTime={occurredAt}>{formatSecond(Date.parse(occurredAt!), zone)}</time>
      <div class="timeline-content">
        <p>
          <strong>{eventName(eventType!)}</strong>
          {stepNumber !== undefined && <span class="timeline-mark">{`${columns.step} ${stepNumber}`}</span>}
          {actorClass !== undefined && <span class="timeline-mark">{textOf(actorClasses, actorClass)}</span>}
          {bounceClass !== undefined && <span class="timeline-mark">{textOf(bounceClasses, bounceClass)}</span>}
        </p>
        {actorReason !== undefined && <p class="note">{textOf(actorReasons, actorReason)}</p>}
        {bounceClass !== undefined && <p class="note">{textOf(bounceReasons, bounceClass)}</p>}
        {hasMetadata && (
          <details>
            <summary>{metadata}</summary>
            <pre tabIndex={0}>{JSON.stringify(event.metadata, undefined, 2)}</pre>
          </details>
        )}
      </div>
    </li>
  )
}
