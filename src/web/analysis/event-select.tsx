import { useId } from 'preact/hooks'
import { EVENT_GROUPS, type EventGroup, eventName, eventsOf } from './event-choices.ts'
import { analysisTexts } from './texts/analysis-texts.ts'

interface EventSelectProps {
  /** The name of the field for screen readers. */
  readonly label: string
  readonly value: string
  readonly groups?: readonly EventGroup[]
  readonly onChange: (event: string) => void
}

/** The choice of an event type. One that the address contains is among the choices, also when it has no name. */
export function EventSelect({ label, value, groups = EVENT_GROUPS, onChange }: EventSelectProps) {
  const id = useId()
  const { eventGroups } = analysisTexts()
  const choices = groups.map((group) => ({ group, events: eventsOf(group) }))
  const isKnown = choices.some(({ events }) => events.includes(value))
  return (
    <div class="field">
      <label for={id} class="visually-hidden">
        {label}
      </label>
      <span class="select">
        <select id={id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
          {!isKnown && <option value={value}>{eventName(value)}</option>}
          {choices.map(({ group, events }) => (
            <optgroup key={group} label={eventGroups[group]}>
              {events.map((event) => (
                <option key={event} value={event}>
                  {eventName(event)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </span>
    </div>
  )
}
