import type { Ingestion } from '../../ingest/ingestion.ts'
import type { ConsumerLimits } from '../../nats/consumer/consumer-config.ts'
import { livePlan } from '../../nats/consumer/consumer-plan.ts'
import { NatsEventSource } from '../../nats/consumer/event-source.ts'
import { ProgressRecord } from '../../nats/consumer/progress-record.ts'
import { watchReplays } from '../../nats/consumer/replay.ts'
import { MISSING_CAUSES, StreamProgress } from '../../nats/consumer/stream-progress.ts'
import { StreamLimitEnforcer } from '../../nats/limits/stream-limit-enforcer.ts'
import type { IngestionAssemblyOptions } from './ingestion-parts.ts'

export interface StreamConsumptionOptions {
  readonly ingestion: Ingestion
  readonly consumerLimits: ConsumerLimits
  /** Ends the replays and the enforcement of the limits of the stream. */
  readonly signal: AbortSignal
  /** Rejects while this process must not bind the consumer. */
  readonly mayBind?: (() => Promise<void>) | undefined
}

export interface StreamConsumption {
  readonly source: NatsEventSource
  /** Ends the consumption; resolves when every delivery is settled. */
  readonly release: () => Promise<void>
}

/** Consumes the event stream and its replays, and enforces the limits of the stream. Resolves once the consumer is bound. */
export async function consumeEventStream(
  { config, connection, clock, logger, metrics }: IngestionAssemblyOptions,
  { ingestion, consumerLimits, signal, mayBind }: StreamConsumptionOptions,
): Promise<StreamConsumption> {
  const { natsStream: stream, natsConsumer: durable, streamLimits } = config
  // Every series exists from the start: a series that appears with its first value shows no increase.
  for (const cause of MISSING_CAUSES) metrics.eventsMissed.add(0, { cause })
  const source = new NatsEventSource({
    clock,
    logger,
    connection,
    durable,
    plan: livePlan({ connection, stream, durable, limits: consumerLimits, streamLimits, logger, mayBind }),
    progress: new StreamProgress({
      record: new ProgressRecord({ connection, durable, clock, logger }),
      logger,
      onMissing: (count, cause) => metrics.eventsMissed.add(count, { cause }),
    }),
  })
  const releaseSource = await ingestion.consume(source)
  const released = new AbortController()
  const background = { connection, clock, logger, signal: AbortSignal.any([signal, released.signal]) }
  const replays = watchReplays({
    ...background,
    stream,
    durable,
    consume: (replay) => ingestion.consume(replay, { isLive: false }),
  })
  const limitEnforcement = new StreamLimitEnforcer({
    ...background,
    eventStream: () => source.stream,
    durable,
    limits: streamLimits,
    metrics,
  }).run()
  return {
    source,
    async release() {
      released.abort()
      await Promise.all([releaseSource(), replays, limitEnforcement])
    },
  }
}
