import type { ConsumerConfig, JetStreamManager, NatsConnection, StreamInfo } from 'nats'
import type { Logger } from '../../base/logger.ts'
import type { StreamLimits } from '../limits/stream-limits.ts'
import { consumerConfig, type ConsumerLimits, ensureEventStream } from '../topology.ts'

/** What to consume, and how. */
export interface ConsumerPlan {
  /** The stream, found or made. */
  stream(jsm: JetStreamManager): Promise<StreamInfo>
  /** The consumer's configuration, for deliveries from behind `floor`; 0 = from where the plan begins. */
  config(stream: StreamInfo, floor: number): Partial<ConsumerConfig>
  /** The stream is a queue: messages are acknowledged one by one and are gone then, so that whatever is there has to come. */
  readonly isQueue?: boolean
  /** Whether a missing consumer is made. Otherwise its absence is the end: no more deliveries come. */
  readonly mayCreate: boolean
}

/** The plan of the service's own consumer of the events. */
export function livePlan(spec: {
  readonly connection: NatsConnection
  /** The stream's name, when it is given rather than found. */
  readonly stream: string | undefined
  readonly durable: string
  readonly limits: ConsumerLimits
  /** Of the stream, where it has to be made; by default those that a configuration without such variables has. */
  readonly streamLimits?: StreamLimits | undefined
  readonly logger: Logger
  /** Rejects while this process must not take what the consumer delivers. */
  readonly mayBind?: (() => Promise<void>) | undefined
}): ConsumerPlan {
  const { connection, durable, limits, logger, mayBind } = spec
  return {
    mayCreate: true,
    async stream(jsm) {
      await mayBind?.()
      return ensureEventStream(jsm, spec.stream, logger, spec.streamLimits)
    },
    config: (stream, floor) =>
      consumerConfig({ stream, durable, limits, serverVersion: connection.info?.version ?? '' }, floor),
  }
}
