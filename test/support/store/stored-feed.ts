import type { EventRow, NameObservation } from '../../../src/events/event-row.ts'
import type { EventStore } from '../../../src/ingest/ports.ts'
import { accept } from '../ingest/event-samples.ts'
import type { Published } from '../oracle/history.ts'
import { inBlock } from './event-blocks.ts'

export interface FeedOptions {
  /** The number of parts per month. */
  readonly parts?: number
  /** The stream sequence of the first message. */
  readonly firstSequence?: number
  /** Awaited when the first half of the rows is stored. */
  readonly onHalf?: () => Promise<void>
}

/** Stores the events of a feed, each once, and the facts of their messages, as ingestion would at `now`. */
export async function storeFeed(
  events: EventStore,
  feed: readonly Published[],
  now: number,
  { parts = 1, firstSequence = 1, onHalf = async () => {} }: FeedOptions = {},
): Promise<void> {
  const rows = new Map<string, EventRow>()
  const names: NameObservation[] = []
  for (const [index, [subject, message, headers]] of feed.entries()) {
    const messageId = headers?.['Nats-Msg-Id']
    const event = accept(message, {
      subject,
      sequence: firstSequence + index,
      now,
      ...(messageId === undefined ? {} : { messageId }),
    })
    if (!rows.has(event.row.id)) rows.set(event.row.id, event.row)
    names.push(...event.names)
  }
  const all = [...rows.values()]
  const store = async (block: ReturnType<typeof inBlock>) => {
    await events.insertRows(...block)
    await events.addToMessages(...block)
  }
  const insert = async (some: readonly EventRow[]) => {
    for (const month of Map.groupBy(some, ({ occurred_at }) => events.storePartitionOf(occurred_at)).values()) {
      const size = Math.ceil(month.length / parts)
      for (let start = 0; start < month.length; start += size) await store(inBlock(month.slice(start, start + size)))
    }
  }
  await insert(all.slice(0, all.length >> 1))
  await onHalf()
  await insert(all.slice(all.length >> 1))
  if (names.length > 0) await events.writeNames(names)
}
