/** The writer with a buffer and an in-memory store, on a clock that the test advances. */
import type { EventRow } from '../../../src/events/event-row.ts'
import { AckFloor, type PendingDelivery } from '../../../src/ingest/accounting/ack-floor.ts'
import type { CommitObserver } from '../../../src/ingest/ports.ts'
import { type InFlightDelivery, Ledger } from '../../../src/ingest/accounting/ledger.ts'
import { EventBuffer } from '../../../src/ingest/writer/event-buffer.ts'
import { Writer } from '../../../src/ingest/writer/writer.ts'
import type { BufferedEvent } from '../../../src/ingest/stages.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { deliveryOf, NOW, rowOf } from './event-samples.ts'
import { MemoryStore } from './ingest-ports.ts'
import { ManualClock, settled } from '../base/manual-clock.ts'
import { keepingLogger } from '../base/silent-logger.ts'

const ledger = new Ledger()
const floor = new AckFloor(() => {})

export function eventOf(index: number, fields: Partial<EventRow> = {}, name?: string, namedAt = NOW): BufferedEvent {
  const row = rowOf(index, fields)
  const names =
    name === undefined
      ? []
      : [{ tenant_id: row.tenant_id, kind: 'campaign' as const, id: 'c', name, occurred_at: namedAt }]
  const delivery = deliveryOf(index)
  // Not tracked by the floor, which requires ascending sequences: these tests create events in any order.
  const pending: PendingDelivery = { sequence: index, publishedAt: NOW, floor, isSettled: false }
  return { row, names, delivery, pending, account: ledger.accountOf(row.tenant_id) }
}

export function writerFixture({ observer }: { readonly observer?: CommitObserver } = {}) {
  const clock = new ManualClock(NOW)
  const store = new MemoryStore()
  const logger = keepingLogger()
  const metrics = createServiceMetrics()
  const buffer = new EventBuffer({ bufferSize: Infinity, flushIntervalMs: 2 ** 40, clock })
  const [storedIndexes, duplicateIndexes, settledIndexes] = [[], [], []] as [number[], number[], number[]]
  const refusedIndexes: number[] = []
  const indexOf = ({ pending }: InFlightDelivery) => pending.sequence
  const writer = new Writer({
    buffer,
    store,
    clock,
    logger,
    report: () => {},
    metrics,
    observer,
    settle: (events, outcome) => {
      const indexes = [...events].map(indexOf)
      settledIndexes.push(...indexes)
      if (outcome === 'stored') storedIndexes.push(...indexes)
      else duplicateIndexes.push(...indexes)
    },
    reject: (event) => refusedIndexes.push(indexOf(event)),
  })
  writer.start()
  const write = (...events: BufferedEvent[]) => {
    for (const event of events) buffer.add(event)
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
