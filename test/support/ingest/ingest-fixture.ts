/** Ingestion with in-memory implementations of its ports, on a clock that the test advances. */
import type { IngestLimits } from '../../../src/ingest/accounting/in-flight-budget.ts'
import { Ingestion, type IngestionOptions } from '../../../src/ingest/ingestion.ts'
import type { Clock } from '../../../src/base/clock.ts'
import { Quotas } from '../../../src/ingest/quotas.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { deliveryOf, envelope, NOW } from './event-samples.ts'
import { MemoryLetters, MemoryStore, PlayedSource } from './ingest-ports.ts'
import { ManualClock, settled } from '../base/manual-clock.ts'
import { silentLogger } from '../base/silent-logger.ts'

export const MAX_BYTES = 1_000_000

/** Limits for tests; only a broker uses `ackWaitMs`. */
export const limitsOf = (maxEvents = 1_000, maxBytes = MAX_BYTES): IngestLimits => ({
  maxEvents,
  maxBytes,
  ackWaitMs: 1_000,
})

/** No tenant has a quota, so that no event is deferred. */
export const withoutQuotas = (clock: Clock) => ({
  quotas: new Quotas({ eventsPerSecond: 0, byTenant: new Map(), clock }),
  deferredSink: { fits: () => true, put: () => Promise.reject(new Error('No event should be deferred.')) },
})

interface IngestFixtureOptions extends Partial<
  Omit<IngestionOptions, 'store' | 'deadLetters' | 'clock' | 'metrics' | 'limits'>
> {
  readonly maxInFlightEvents?: number
  readonly isPassedOn?: boolean
}

export async function ingestFixture({
  maxInFlightEvents = 1_000,
  isPassedOn = false,
  ...options
}: IngestFixtureOptions = {}) {
  const clock = new ManualClock(NOW)
  const [store, letters, source, metrics] = [
    new MemoryStore(),
    new MemoryLetters(),
    new PlayedSource(),
    createServiceMetrics(),
  ]
  const ingestion = new Ingestion({
    store,
    deadLetters: letters,
    bufferSize: 10,
    flushIntervalMs: 500,
    limits: limitsOf(maxInFlightEvents),
    ...withoutQuotas(clock),
    circuitBreakerWindowEvents: 0,
    logger: silentLogger,
    ...options,
    clock,
    metrics,
  })
  ingestion.start()
  await ingestion.consume(source, { isForwarded: isPassedOn })
  const handler = source.handler!
  const deliver = (sequence: number, body?: object | string, fields = {}) => {
    handler.deliver(deliveryOf(sequence, body ?? envelope({}, { eventId: `e${sequence}` }), fields))
    return settled()
  }
  return { clock, store, letters, source, metrics, ingestion, handler, deliver }
}
