import type { ConsumerConfig, JetStreamManager, NatsConnection, StreamInfo } from 'nats'
import type { Logger } from '../../base/logger.ts'
import { ensureEventStream } from '../event-stream.ts'
import type { StreamLimits } from '../stream-limits.ts'
import { consumerConfig, type ConsumerLimits } from './consumer-config.ts'

/** The stream and the consumer of an event source. */
export interface ConsumerPlan {
  /** Finds or creates the stream. */
  stream(jsm: JetStreamManager): Promise<StreamInfo>
  /** The configuration of a consumer that delivers from the message after `floor` on; 0 = from the start of the plan. */
  config(stream: StreamInfo, floor: number): Partial<ConsumerConfig>
  /** The stream is a queue: each message is acknowledged on its own and then deleted, so every message in the stream has to be delivered. */
  readonly isQueue?: boolean
  /** Whether a missing consumer is created. If not, the source ends when the consumer does not exist. */
  readonly mayCreate: boolean
}

/** The plan of the service's main consumer of the event stream. */
export function livePlan(spec: {
  readonly connection: NatsConnection
  /** The configured name of the stream; undefined = the stream that captures the event subjects. */
  readonly stream: string | undefined
  readonly durable: string
  readonly limits: ConsumerLimits
  /** Limits of a stream that has to be created; by default those of an empty configuration. */
  readonly streamLimits?: StreamLimits | undefined
  readonly logger: Logger
  /** Rejects while this process must not consume. */
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
