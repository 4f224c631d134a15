/**
 * A replay delivers a part of the event stream again, beside the live consumer. A second durable consumer is the complete request: a command creates it, the service finds it,
 * consumes it to its end and deletes it. So a restart of either process in between loses nothing.
 */
import {
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  type NatsConnection,
  type StreamInfo,
} from 'nats'
import { type Clock, sleep } from '../../base/clock.ts'
import type { EventSource } from '../../ingest/ports.ts'
import type { Logger } from '../../base/logger.ts'
import type { ConsumerPlan } from './consumer-plan.ts'
import { NatsEventSource } from './event-source.ts'
import { findEventStream } from '../event-stream.ts'
import { consumerConfig, type ConsumerLimits } from './consumer-config.ts'
import { consumerInfo, deleteConsumer } from '../consumer-info.ts'
import { deleteGuard, findGuard } from './recreate-consumer.ts'

const WATCH_INTERVAL_MS = 2_000
/** The last sequence of the replay is stored in the consumer's description. */
const END_SEQUENCE_PATTERN = /until sequence (\d+)/

export interface ReplayRequest {
  readonly stream: StreamInfo
  /** The live consumer's name. */
  readonly durable: string
  readonly limits: ConsumerLimits
  readonly from: Date
  /** One subject, wildcards allowed; all by default. */
  readonly subject?: string | undefined
}

function replayConsumerName(durable: string): string {
  return `${durable}-replay`
}

/** The replay of the service with this live consumer, or the guard of its consumer; undefined when there is none. */
export async function findReplay(
  jsm: JetStreamManager,
  stream: string,
  durable: string,
): Promise<ConsumerInfo | undefined> {
  const name = replayConsumerName(durable)
  return (await consumerInfo(jsm, stream, name)) ?? (await findGuard(jsm, stream, name))
}

/** Deletes a replay, finished or not. */
export async function deleteReplay(jsm: JetStreamManager, stream: string, durable: string): Promise<void> {
  const name = replayConsumerName(durable)
  // The guard is deleted first: a guard alone would be taken for a replay to continue.
  await deleteGuard(jsm, stream, name)
  await deleteConsumer(jsm, stream, name)
}

/** Requests a replay of everything from the instant `from` to the current end of the stream. Rejects when a replay exists. */
export async function requestReplay(jsm: JetStreamManager, request: ReplayRequest): Promise<ConsumerInfo> {
  const { stream, durable, limits, from, subject } = request
  const { filter_subjects: _, ...config } = consumerConfig(
    { stream, durable: replayConsumerName(durable), limits, serverVersion: '' },
    0,
  )
  return jsm.consumers.add(stream.config.name, {
    ...config,
    description: `Replay until sequence ${stream.state.last_seq}`,
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: from.toISOString(),
    ...(subject === undefined ? {} : { filter_subject: subject }),
  })
}

/** Whether the replay has reached its end; the live consumer delivers the rest of the stream. */
function isFinished(info: ConsumerInfo): boolean {
  const end = Number(END_SEQUENCE_PATTERN.exec(info.config.description ?? '')?.[1] ?? 0)
  return info.ack_floor.stream_seq >= end || info.num_pending + info.num_ack_pending === 0
}

/** The plan of a replay. After a broken connection its consumer is recreated with the requested configuration. */
function replayPlan(stream: StreamInfo, requested: Partial<ConsumerConfig>): ConsumerPlan {
  return {
    mayCreate: false,
    stream: (jsm) => jsm.streams.info(stream.config.name),
    config(_, floor) {
      const { opt_start_seq: __, ...rest } = requested
      if (floor === 0) return requested
      const { opt_start_time: ___, ...remaining } = rest
      return { ...remaining, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: floor + 1 }
    },
  }
}

export interface ReplayWatchOptions {
  readonly connection: NatsConnection
  /** The configured name of the stream, as for the live consumer. */
  readonly stream: string | undefined
  readonly durable: string
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  /** Consumes the source of a replay. The resolved function stops that, and resolves when every delivery is settled. */
  readonly consume: (source: EventSource) => Promise<() => Promise<void>>
}

/** Polls for a replay and consumes it. Resolves after the signal aborts and every delivery is settled; another process may continue the replay. */
export async function watchReplays(options: ReplayWatchOptions): Promise<void> {
  const { connection, durable, clock, logger, signal, consume } = options
  const name = replayConsumerName(durable)
  let release: (() => Promise<void>) | undefined
  while (!signal.aborted) {
    await sleep(clock, WATCH_INTERVAL_MS, signal)
    if (signal.aborted) break
    try {
      const jsm = await connection.jetstreamManager({ checkAPI: false })
      const stream = await findEventStream(jsm, options.stream)
      const info = stream && (await findReplay(jsm, stream.config.name, durable))
      if (release && (!info || isFinished(info))) {
        await release()
        release = undefined
        if (info) await deleteReplay(jsm, info.stream_name, durable)
        logger.info('replay finished', { cancelled: !info })
      } else if (!release && stream && info) {
        logger.info('replaying', { stream: info.stream_name, ...readRequest(info.config) })
        const { name: _, ...requested } = info.config
        const plan = replayPlan(stream, { ...requested, durable_name: name })
        release = await consume(new NatsEventSource({ connection, durable: name, plan, clock, logger }))
      }
    } catch (error) {
      logger.warn('the replay failed and is retried', { error })
    }
  }
  await release?.()
}

function readRequest({ opt_start_time, filter_subject, description }: Partial<ConsumerConfig>) {
  return { from: opt_start_time, subject: filter_subject, until: END_SEQUENCE_PATTERN.exec(description ?? '')?.[1] }
}
