/**
 * Replays: a part of the stream read again through the same path, beside the live consumer. A durable consumer of its own is the whole instruction: who wants a replay
 * makes it, the service that finds it works it off and deletes it, and what happens in between, restarts included, changes nothing about that.
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
import { deleteConsumer, deleteGuard, findGuard } from './recreate-consumer.ts'
import { consumerConfig, type ConsumerLimits, consumerInfo, findEventStream } from '../topology.ts'

const WATCH_INTERVAL_MS = 2_000
/** The consumer's description says where the replay ends. */
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

function replayConsumer(durable: string): string {
  return `${durable}-replay`
}

/** The replay of the service with this consumer, or what stands for it while its consumer is made anew; undefined when there is none. */
export async function findReplay(
  jsm: JetStreamManager,
  stream: string,
  durable: string,
): Promise<ConsumerInfo | undefined> {
  const name = replayConsumer(durable)
  return (await consumerInfo(jsm, stream, name)) ?? (await findGuard(jsm, stream, name))
}

/** Ends a replay, done or not. */
export async function deleteReplay(jsm: JetStreamManager, stream: string, durable: string): Promise<void> {
  const name = replayConsumer(durable)
  // The guard first: alone, it would be taken for a replay that has to go on.
  await deleteGuard(jsm, stream, name)
  await deleteConsumer(jsm, stream, name)
}

/** Asks for a replay of everything from `from` to what is in the stream now. Rejects when there is one already. */
export async function requestReplay(jsm: JetStreamManager, request: ReplayRequest): Promise<ConsumerInfo> {
  const { stream, durable, limits, from, subject } = request
  const { filter_subjects: _, ...config } = consumerConfig(
    { stream, durable: replayConsumer(durable), limits, serverVersion: '' },
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

/** Whether nothing is left of it: the rest of the stream is the live consumer's. */
function isFinished(info: ConsumerInfo): boolean {
  const end = Number(END_SEQUENCE_PATTERN.exec(info.config.description ?? '')?.[1] ?? 0)
  return info.ack_floor.stream_seq >= end || info.num_pending + info.num_ack_pending === 0
}

/** The plan of a replay as its consumer stands there: made anew after a broken connection, it keeps what it was asked for. */
function replayPlan(stream: StreamInfo, requested: Partial<ConsumerConfig>): ConsumerPlan {
  return {
    mayCreate: false,
    stream: (jsm) => jsm.streams.info(stream.config.name),
    config(_, floor) {
      const { opt_start_seq: __, ...rest } = requested
      if (floor === 0) return requested
      const { opt_start_time: ___, ...behind } = rest
      return { ...behind, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: floor + 1 }
    },
  }
}

export interface ReplayWatchOptions {
  readonly connection: NatsConnection
  /** The configured stream, as for the live consumer. */
  readonly stream: string | undefined
  readonly durable: string
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  /** Takes what a replay delivers; the result lets go of it when all is settled. */
  readonly take: (source: EventSource) => Promise<() => Promise<void>>
}

/** Looks for a replay from time to time and works it off. Ends with the signal, when what it delivered is settled; somebody else may go on with the rest. */
export async function watchReplays(options: ReplayWatchOptions): Promise<void> {
  const { connection, durable, clock, logger, signal, take } = options
  const name = replayConsumer(durable)
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
        release = await take(new NatsEventSource({ connection, durable: name, plan, clock, logger }))
      }
    } catch (error) {
      logger.warn('the replay has to wait', { error })
    }
  }
  await release?.()
}

function readRequest({ opt_start_time, filter_subject, description }: Partial<ConsumerConfig>) {
  return { from: opt_start_time, subject: filter_subject, until: END_SEQUENCE_PATTERN.exec(description ?? '')?.[1] }
}
