/** The columns of a table of events. */
import type { EventItem } from '../../../analytics/drill-down/event-item.ts'
import type { Column } from '../../components/table/column.ts'
import { channelName } from '../../format/channel-name.ts'
import { formatSecond } from '../../format/dates.ts'
import { openedContact } from './message-columns.ts'
import { eventName, textOf, texts } from '../texts/texts.ts'

export function eventColumns(zone: string): Column<EventItem>[] {
  const { columns, actorClasses, bounceClasses, kinds } = texts()
  const time = (id: 'occurredAt' | 'ingestedAt'): Column<EventItem> => ({
    id,
    label: columns[id],
    kind: 'time',
    value: (row) => Date.parse(row[id]!),
    text: (row) => formatSecond(Date.parse(row[id]!), zone),
  })
  const entity = (id: 'campaign' | 'workflow' | 'sequence' | 'template'): Column<EventItem> => ({
    id,
    label: columns[id],
    kind: 'name',
    value: (row) => row[`${id}Id`] ?? null,
  })
  return [
    { id: 'event', label: columns.event, kind: 'label', value: ({ eventType }) => eventName(eventType!) },
    time('occurredAt'),
    {
      id: 'contact',
      label: columns.contact,
      kind: 'name',
      value: ({ contactId }) => contactId ?? null,
      link: { key: '', to: ({ contactId }) => (contactId ? openedContact(contactId) : undefined) },
    },
    {
      id: 'about',
      label: columns.about,
      kind: 'name',
      value: ({ entityType, entityId }) => `${textOf(kinds, kindOf(entityType!))} ${entityId!}`,
    },
    {
      id: 'actorClass',
      label: columns.actorClass,
      kind: 'label',
      value: ({ actorClass }) => (actorClass === undefined ? null : textOf(actorClasses, actorClass)),
    },
    {
      id: 'bounceClass',
      label: columns.bounceClass,
      kind: 'label',
      value: ({ bounceClass }) => (bounceClass === undefined ? null : textOf(bounceClasses, bounceClass)),
    },
    {
      id: 'channel',
      label: columns.channel,
      kind: 'label',
      value: ({ channel }) => (channel ? channelName(channel) : null),
    },
    entity('campaign'),
    entity('workflow'),
    entity('sequence'),
    entity('template'),
    { id: 'step', label: columns.step, kind: 'count', value: ({ stepNumber }) => stepNumber ?? null },
    { ...time('ingestedAt'), isOptional: true },
  ]
}

/** The word for what an event is about. */
function kindOf(entityType: string): string {
  return { workflow: 'run', sequence: 'enrollment' }[entityType] ?? entityType
}
