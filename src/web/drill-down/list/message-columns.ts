/** The columns of a table of messages. */
import type { MessageItem } from '../../../analytics/drill-down/messages/message-item.ts'
import type { Column } from '../../components/table/column.ts'
import { channelName } from '../../format/channel-name.ts'
import { formatDateTime } from '../../format/dates.ts'
import { textOf, texts } from '../texts/texts.ts'

type Instant = 'sentAt' | 'deliveredAt' | 'bouncedAt' | 'complainedAt' | 'unsubscribedAt' | FirstAction
type FirstAction = 'firstOpenedAt' | 'firstHumanOpenedAt' | 'firstClickedAt' | 'firstHumanClickedAt'

export function messageColumns(zone: string): Column<MessageItem>[] {
  const { columns, bounceClasses } = texts()
  const time = (id: Instant, isOptional = false): Column<MessageItem> => ({
    id,
    label: columns[id],
    kind: 'time',
    value: (row) => (row[id] === null ? null : Date.parse(row[id])),
    text: (row) => formatDateTime(Date.parse(row[id]!), zone),
    isOptional,
  })
  return [
    { id: 'message', label: columns.message, kind: 'name', value: ({ messageId }) => messageId },
    {
      id: 'contact',
      label: columns.contact,
      kind: 'name',
      value: ({ contactId }) => contactId,
      link: { key: '', to: ({ contactId }) => (contactId === null ? undefined : openedContact(contactId)) },
    },
    { id: 'status', label: columns.status, kind: 'label', value: statusOf },
    time('sentAt'),
    { id: 'sentFor', label: columns.sentFor, kind: 'name', value: sentForOf },
    { id: 'template', label: columns.template, kind: 'name', value: (row) => row.templateName, isOptional: true },
    {
      id: 'channel',
      label: columns.channel,
      kind: 'label',
      value: ({ channel }) => channel && channelName(channel),
    },
    time('deliveredAt'),
    time('firstHumanOpenedAt'),
    time('firstHumanClickedAt'),
    time('bouncedAt', true),
    {
      id: 'bounceClass',
      label: columns.bounceClass,
      kind: 'label',
      value: (row) => row.bounceClass && textOf(bounceClasses, row.bounceClass),
      isOptional: true,
    },
    time('firstOpenedAt', true),
    time('firstClickedAt', true),
    time('complainedAt', true),
    time('unsubscribedAt', true),
    { id: 'opens', label: columns.opens, kind: 'count', value: ({ opens }) => opens },
    { id: 'clicks', label: columns.clicks, kind: 'count', value: ({ clicks }) => clicks },
    {
      id: 'recipientDomain',
      label: columns.recipientDomain,
      kind: 'label',
      value: (row) => row.recipientDomain,
      isOptional: true,
    },
  ]
}

export function openedContact(id: string) {
  return { opened: { kind: 'contact', id } as const }
}

/** What the message was sent for, by its name. */
function sentForOf({ campaignName, sequenceName, workflowName, sourceId }: MessageItem): string | null {
  return campaignName ?? sequenceName ?? workflowName ?? sourceId
}

/** The last thing that became of a message, the most serious first. */
export function statusOf(message: MessageItem): string {
  const { conditions, columns } = texts()
  if (message.complainedAt !== null) return columns.complainedAt
  if (message.unsubscribedAt !== null) return columns.unsubscribedAt
  if (message.bouncedAt !== null) return columns.bouncedAt
  if (message.firstHumanClickedAt !== null) return capitalised(conditions.humanClicked)
  if (message.firstHumanOpenedAt !== null) return capitalised(conditions.humanOpened)
  if (message.clicks > 0) return capitalised(conditions.clicked)
  if (message.opens > 0) return capitalised(conditions.machineOpenedOnly)
  return message.deliveredAt === null ? columns.sentAt : columns.deliveredAt
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
