/** The whole of ingestion between stand-ins for its ports, on a clock that a test moves. */
import { Ingestion } from '../../src/ingest/ingestion.ts'
import type { DeliveryHandler } from '../../src/ingest/ports.ts'
import { createMetrics } from '../../src/metrics.ts'
import { deliveryOf, envelope, NOW } from './event-samples.ts'
import { MemoryLetters, MemoryStore, PlayedSource } from './ingest-ports.ts'
import { ManualClock, settled } from './manual-clock.ts'
import { silentLogger } from './silent-logger.ts'

export const MAX_BYTES = 1_000_000

export async function stage({ maxInFlightEvents = 1_000 } = {}) {
  const clock = new ManualClock(NOW)
  const [store, letters, source, metrics] = [
    new MemoryStore(),
    new MemoryLetters(),
    new PlayedSource(),
    createMetrics(),
  ]
  const ingestion = new Ingestion({
    source,
    store,
    deadLetters: letters,
    bufferSize: 10,
    flushIntervalMs: 500,
    maxInFlightEvents,
    maxInFlightBytes: MAX_BYTES,
    clock,
    logger: silentLogger,
    metrics,
  })
  await ingestion.start()
  const handler: DeliveryHandler = ingestion
  const deliver = (sequence: number, body?: object | string, fields = {}) => {
    handler.deliver(deliveryOf(sequence, body ?? envelope({}, { eventId: `e${sequence}` }), fields))
    return settled()
  }
  return { clock, store, letters, source, metrics, ingestion, handler, deliver }
}
