/** The events of a contact by what they are about. */
import { type Static, Type } from '@sinclair/typebox'
import { object, text } from '../schemas.ts'
import { eventSchema, type EventItem } from './event-item.ts'
import type { FoundEvent } from './event-search.ts'

/** By entity type: the kind of a group. */
const KINDS: Readonly<Record<string, string>> = { message: 'message', workflow: 'run', sequence: 'enrollment' }

export const contactGroupSchema = object(
  {
    kind: text('What the events are about: message, run, enrollment, campaign or contact'),
    id: text('Its id'),
    events: Type.Array(eventSchema, { description: 'Its events on this page, the newest first.' }),
  },
  'The events of a page that are about one thing.',
  'ContactGroup',
)
type ContactGroup = Static<typeof contactGroupSchema>

/** Groups in the order of their newest events, from events with the newest first. */
export function groupByEntity(
  events: readonly { readonly event: FoundEvent; readonly item: EventItem }[],
): ContactGroup[] {
  const groups = Map.groupBy(events, ({ event }) => `${event.entity_type} ${event.entity_id}`)
  return [...groups.values()].map((members) => {
    const { entity_type, entity_id } = members[0]!.event
    return { kind: KINDS[entity_type] ?? entity_type, id: entity_id, events: members.map(({ item }) => item) }
  })
}
