import type { ComponentChildren } from 'preact'
import type { EventItem } from '../../../analytics/drill-down/event-item.ts'
import type { MessageItem } from '../../../analytics/drill-down/messages/message-item.ts'
import { apiPath } from '../../api/api-client.ts'
import { AddressLink } from '../../components/address-link.tsx'
import { Card } from '../../components/card.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { channelName } from '../../format/channel-name.ts'
import { formatSecond } from '../../format/dates.ts'
import { formatCount } from '../../format/numbers.ts'
import { useApp } from '../../state/app.ts'
import { DrillError } from '../drill-error.tsx'
import { DrillHeading, type DrillPageProps } from '../drill-heading.tsx'
import { EventEntry } from './event-entry.tsx'
import { openedContact, statusOf } from '../list/message-columns.ts'
import { textOf, texts } from '../texts/texts.ts'
import { usePages } from '../list/use-pages.ts'

interface MessageTimelineProps extends DrillPageProps {
  readonly id: string
}

interface MessageData {
  readonly message: MessageItem
  readonly events: readonly EventItem[]
}

/** What became of one message, and all of its events. */
export function MessageTimeline({ id, heading }: MessageTimelineProps) {
  const { api, address } = useApp()
  const { zone } = address.viewState.value
  const { kinds, facts, timeline } = texts()
  const pages = usePages<MessageData>(`message ${id}`, async (_, signal) => {
    const { data } = await api.read<MessageData>(apiPath(`messages/${encodeURIComponent(id)}`, {}), signal)
    return { rows: [data], cursor: null }
  })
  const { page, error } = pages.loaded.value
  const data = page?.rows[0]
  return (
    <>
      <DrillHeading heading={heading} title={`${kinds.message} ${id}`} parts={data ? [statusOf(data.message)] : []} />
      {error !== undefined && <DrillError error={error} kind="message" onRetry={() => pages.reload()} />}
      {!data && error === undefined && <Skeleton cardCount={0} />}
      {data && (
        <div class="timeline-page">
          <Card title={facts}>
            <dl class="timeline-facts">
              {factsOf(data.message, zone).map(([label, value]) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </Card>
          <Card title={timeline}>
            <ol class="timeline" role="list">
              {data.events.map((event) => (
                <EventEntry key={event.id} event={event} zone={zone} />
              ))}
            </ol>
          </Card>
        </div>
      )}
    </>
  )
}

/** The facts of a message that there are, each with its label. */
function factsOf(message: MessageItem, zone: string): (readonly [string, ComponentChildren])[] {
  const { columns, bounceClasses, dimensions } = texts()
  const named = (['campaign', 'workflow', 'sequence', 'template'] as const).map(
    (kind) => [dimensions[kind], message[`${kind}Name`] && <bdi>{message[`${kind}Name`]}</bdi>] as const,
  )
  const times = TIMES.map((id) => [columns[id], message[id] && formatSecond(Date.parse(message[id]), zone)] as const)
  const facts: (readonly [string, ComponentChildren])[] = [
    [
      columns.contact,
      message.contactId !== null && (
        <AddressLink next={openedContact(message.contactId)} class="drill-link">
          <bdi>{message.contactId}</bdi>
        </AddressLink>
      ),
    ],
    [columns.channel, message.channel && channelName(message.channel)],
    ...named,
    [columns.recipientDomain, message.recipientDomain],
    ...times,
    [columns.bounceClass, message.bounceClass && textOf(bounceClasses, message.bounceClass)],
    [columns.opens, formatCount(message.opens)],
    [columns.clicks, formatCount(message.clicks)],
  ]
  return facts.filter(([, value]) => value !== null && value !== false && value !== '')
}

const TIMES = [
  'sentAt',
  'deliveredAt',
  'firstOpenedAt',
  'firstHumanOpenedAt',
  'firstClickedAt',
  'firstHumanClickedAt',
  'bouncedAt',
  'complainedAt',
  'unsubscribedAt',
] as const
