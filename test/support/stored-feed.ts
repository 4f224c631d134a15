import type { EventRow, NameObservation } from '../../src/events/row.ts'
import type { EventStore } from '../../src/ingest/ports.ts'
import { accept } from './event-samples.ts'
import type { Published } from './oracle/history.ts'

/** Stores what a feed comes to, each event once, as ingestion would at `now`; in so many parts a month. */
export async function storeFeed(events: EventStore, feed: readonly Published[], now: number, parts = 1): Promise<void> {
  const rows = new Map<string, EventRow>()
  const names: NameObservation[] = []
  for (const [index, [subject, message, headers]] of feed.entries()) {
    const messageId = headers?.['Nats-Msg-Id']
    const event = accept(message, {
      subject,
      sequence: index + 1,
      now,
      ...(messageId === undefined ? {} : { messageId }),
    })
    if (!rows.has(event.row.id)) rows.set(event.row.id, event.row)
    names.push(...event.names)
  }
  const months = Map.groupBy(rows.values(), ({ occurred_at }) => events.partitionOf(occurred_at))
  for (const month of months.values()) {
    const size = Math.ceil(month.length / parts)
    for (let start = 0; start < month.length; start += size) await events.insertRows(month.slice(start, start + size))
  }
  await events.rememberNames(names)
}
