/** The writer with a buffer and an in-memory store, on a clock that the test advances. */
import { EventBlock } from '../../../src/events/block/event-block.ts'
import type { EventRow, NameObservation } from '../../../src/events/event-row.ts'
import { AckFloor } from '../../../src/ingest/accounting/ack-floor.ts'
import { type InFlightDelivery, Ledger, type SettledDelivery } from '../../../src/ingest/accounting/ledger.ts'
import { EventBuffer } from '../../../src/ingest/writer/event-buffer.ts'
import { Writer, type WriterOptions } from '../../../src/ingest/writer/writer.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { deliveryOf, NOW, rowOf } from './event-samples.ts'
import { MemoryStore } from './ingest-ports.ts'
import { ManualClock, settled } from '../base/manual-clock.ts'
import { keepingLogger } from '../base/silent-logger.ts'

/** An event that a test puts into a buffer. */
export interface TestEvent extends InFlightDelivery {
  readonly row: EventRow
  readonly names: readonly NameObservation[]
}

/** A block of these events. */
export function blockOf(...events: readonly TestEvent[]): EventBlock {
  const block = new EventBlock()
  for (const { row, names } of events) block.append(row, names)
  return block
}

/** The tenant and the sequence of each buffered event, in the order of the buffer. */
export function takeAll(buffer: EventBuffer): string[] {
  buffer.flush()
  const taken: string[] = []
  while (buffer.isFlushDue) {
    const { events, deliveries } = buffer.take()!
    for (const row of events.allRows())
      taken.push(`${events.columns.tenant_id.read(row)}:${deliveries.at(row).delivery.sequence}`)
  }
  return taken
}

/** Puts an event into a buffer, as an actor does. */
export function bufferEvent(buffer: EventBuffer, event: TestEvent): void {
  const block = buffer.blockFor(event.row.occurred_at)
  block.events.append(event.row, event.names)
  buffer.add(block, event)
}

const ledger = new Ledger()

export function eventOf(index: number, fields: Partial<EventRow> = {}, name?: string, namedAt = NOW): TestEvent {
  const row = rowOf(index, name === undefined ? fields : { occurred_at: namedAt, ...fields })
  const names =
    name === undefined
      ? []
      : [{ tenant_id: row.tenant_id, kind: 'campaign' as const, id: 'c', name, occurred_at: namedAt }]
  const delivery = deliveryOf(index)
  // A floor of its own, which requires ascending sequences: these tests create events in any order.
  const floor = new AckFloor(() => {})
  floor.restart(index - 1)
  const pending = floor.track(delivery)!
  return { row, names, delivery, pending, account: ledger.accountOf(row.tenant_id) }
}

export function writerFixture({ observer, hasBacklog }: Pick<WriterOptions, 'observer' | 'hasBacklog'> = {}) {
  const clock = new ManualClock(NOW)
  const store = new MemoryStore()
  const logger = keepingLogger()
  const metrics = createServiceMetrics()
  const buffer = new EventBuffer({ bufferSize: Infinity, flushIntervalMs: 2 ** 40, store, clock })
  const [storedIndexes, duplicateIndexes, settledIndexes] = [[], [], []] as [number[], number[], number[]]
  const refusedIndexes: number[] = []
  const indexOf = ({ pending }: SettledDelivery) => pending.sequence
  const writer = new Writer({
    buffer,
    store,
    clock,
    logger,
    report: () => {},
    metrics,
    observer,
    hasBacklog,
    settle: (events, outcome) => {
      const indexes = [...events].map(indexOf)
      settledIndexes.push(...indexes)
      if (outcome === 'stored') storedIndexes.push(...indexes)
      else duplicateIndexes.push(...indexes)
    },
    reject: (event) => refusedIndexes.push(indexOf(event)),
  })
  writer.start()
  const write = (...events: TestEvent[]) => {
    for (const event of events) bufferEvent(buffer, event)
    buffer.flush()
    return settled()
  }
  return {
    clock,
    store,
    logger,
    metrics,
    writer,
    write,
    storedIndexes,
    duplicateIndexes,
    settledIndexes,
    refusedIndexes,
  }
}
