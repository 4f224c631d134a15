/**
 * What has to exist on the broker: the stream of events (found or created), our durable consumer, and the stream of dead letters.
 */
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  nanos,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from 'nats'
import { SUBJECTS } from '../events/catalogue.ts'
import { StartFailure } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { type StreamLimits, streamLimits } from './limits/stream-limits.ts'
import { addStream, ensureStream, type StreamSpec } from './ensure-stream.ts'
import { isNotFound, streamInfo } from './stream-info.ts'

const DEFAULT_STREAM = 'EVENTS'
export const DEAD_LETTER_STREAM = 'ANALYTICS_DEAD'
export const DEAD_LETTER_SUBJECT = 'analytics.dead'

/** A dead letter put away twice within this time (a crash in between) is kept once. The broker keeps the ids of that time in memory. */
const DEAD_LETTER_DEDUPE_MS = 600_000

/** The stream to consume, as `findEventStream` finds it, else a new one. */
export async function ensureEventStream(
  jsm: JetStreamManager,
  wanted: string | undefined,
  logger: Logger,
  limits: StreamLimits = streamLimits(),
): Promise<StreamInfo> {
  const stream = (await findEventStream(jsm, wanted, logger)) ?? (await createEventStream(jsm, wanted, logger, limits))
  if (stream.config.retention === RetentionPolicy.Workqueue)
    throw new StartFailure(
      `The stream ${stream.config.name} is a work queue, which takes one acknowledgement per message and one consumer. ` +
        'Set NATS_STREAM to another stream, for instance to one that has this one as its source.',
    )
  return stream
}

/**
 * The named stream, else the one that captures our subjects; undefined when there is none.
 * Throws a StartFailure when several streams share our subjects, as nobody can tell which is meant.
 */
export async function findEventStream(
  jsm: JetStreamManager,
  wanted: string | undefined,
  logger?: Logger,
): Promise<StreamInfo | undefined> {
  if (wanted) return streamInfo(jsm, wanted)
  const captured = new Map<string, Set<string>>()
  for (const subject of SUBJECTS)
    for (const stream of await jsm.streams.names(subject).next()) {
      const subjects = captured.get(stream) ?? new Set()
      captured.set(stream, subjects.add(subject))
    }
  captured.delete(DEAD_LETTER_STREAM)
  const whole = [...captured].find(([, subjects]) => subjects.size === SUBJECTS.length)
  const [only] = captured.keys()
  if (!whole && captured.size > 1)
    throw new StartFailure(
      `The streams ${[...captured.keys()].join(', ')} each capture only a part of the event subjects, and one stream is consumed. ` +
        'Make a stream that has all of them as its sources and set NATS_STREAM to it, set NATS_STREAM to one of them if the others do not matter, ' +
        'or let one stream capture all the subjects.',
    )
  const name = whole?.[0] ?? only
  if (name === undefined) return undefined
  const missing = SUBJECTS.filter((subject) => !captured.get(name)!.has(subject))
  if (missing.length > 0) logger?.warn('the stream does not capture every event subject', { stream: name, missing })
  return jsm.streams.info(name)
}

function createEventStream(
  jsm: JetStreamManager,
  name = DEFAULT_STREAM,
  logger: Logger,
  limits: StreamLimits,
): Promise<StreamInfo> {
  logger.info('creating the event stream', { stream: name })
  return addStream(jsm, eventStreamSpec(name, limits))
}

/** The event stream as we make it. */
export function eventStreamSpec(name: string, { eventsMaxBytes, eventsMaxAgeMs }: StreamLimits): StreamSpec {
  return {
    name,
    subjects: [...SUBJECTS],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    max_age: nanos(eventsMaxAgeMs),
    max_bytes: eventsMaxBytes,
    // When it is full of events that are not stored yet, producers get errors and nothing is thrown away. What is stored is trimmed long before that.
    discard: DiscardPolicy.New,
  }
}

export function deadLetterStreamSpec({ deadLettersMaxBytes }: StreamLimits): StreamSpec {
  return {
    name: DEAD_LETTER_STREAM,
    subjects: [`${DEAD_LETTER_SUBJECT}.*`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    max_bytes: deadLettersMaxBytes,
    // The oldest go: dead letters that could not be stored would hold up every event behind them.
    discard: DiscardPolicy.Old,
    duplicate_window: nanos(DEAD_LETTER_DEDUPE_MS),
  }
}

export async function ensureDeadLetterStream(
  jsm: JetStreamManager,
  limits: StreamLimits = streamLimits(),
): Promise<void> {
  await ensureStream(jsm, deadLetterStreamSpec(limits))
}

export interface ConsumerLimits {
  readonly maxAckPending: number
  /** The broker delivers again what was not acknowledged for so long. */
  readonly ackWaitMs: number
}

export interface ConsumerSpec {
  readonly stream: StreamInfo
  readonly durable: string
  readonly limits: ConsumerLimits
  /** The server's version, such as 2.9.10. */
  readonly serverVersion: string
}

/** Our consumer's configuration, delivering from behind `floor`. Cumulative acknowledgement, unlimited redelivery, on file. */
export function consumerConfig(spec: ConsumerSpec, floor: number): Partial<ConsumerConfig> {
  const { stream, durable, limits, serverVersion } = spec
  const start =
    floor > 0
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: floor + 1 }
      : { deliver_policy: DeliverPolicy.All }
  const subjects = storedSubjects(stream)
  const hasForeignSubjects = subjects?.some((subject) => !SUBJECTS.some((ours) => covers(ours, subject)))
  return {
    durable_name: durable,
    ack_policy: AckPolicy.All,
    ack_wait: nanos(limits.ackWaitMs),
    max_deliver: -1,
    max_ack_pending: limits.maxAckPending,
    replay_policy: ReplayPolicy.Instant,
    ...start,
    // Older servers know one filter only; there, foreign subjects are delivered and skipped.
    ...(subjects && hasForeignSubjects && isAtLeast(serverVersion, 2, 10)
      ? { filter_subjects: capturedSubjects(subjects) }
      : {}),
  }
}

/** The consumer as it stands on the broker, or undefined. */
export async function consumerInfo(
  jsm: JetStreamManager,
  stream: string,
  durable: string,
): Promise<ConsumerInfo | undefined> {
  try {
    return await jsm.consumers.info(stream, durable)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Throws a StartFailure when the consumer is not one to be asked for messages: somebody else uses it. */
export function refusePushConsumer({ config, name, stream_name }: ConsumerInfo): void {
  if (config.deliver_subject !== undefined)
    throw new StartFailure(
      `The consumer ${name} of the stream ${stream_name} is a push consumer: choose another name with NATS_CONSUMER.`,
    )
}

/**
 * Whether `info` can be used as it is: it has the configuration we assert, it stands at `floor` where one is given, and nothing delivered is open. A consumer with open deliveries is made
 * anew behind its floor: it would hand them out again only after `ack_wait`, and a cumulative acknowledgement in between would skip them. So is one that somebody still
 * asks for messages: a process that was stopped would be given some.
 */
export function isReusable(info: ConsumerInfo, config: Partial<ConsumerConfig>, floor: number | undefined): boolean {
  const have = info.config
  return (
    (floor === undefined || info.ack_floor.stream_seq === floor) &&
    info.num_ack_pending === 0 &&
    info.num_waiting === 0 &&
    have.ack_policy === config.ack_policy &&
    have.max_ack_pending === config.max_ack_pending &&
    have.ack_wait === config.ack_wait &&
    (have.max_deliver ?? -1) === -1 &&
    have.filter_subject === config.filter_subject &&
    JSON.stringify(have.filter_subjects) === JSON.stringify(config.filter_subjects)
  )
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [haveMajor = 0, haveMinor = 0] = version.split('.').map(Number)
  return haveMajor > major || (haveMajor === major && haveMinor >= minor)
}

/**
 * The subjects that the stream's messages can have, or undefined when its own subjects do not tell: what comes from another stream, or is transformed, has any subject.
 * A filter made of the stream's own subjects would leave such messages out.
 */
function storedSubjects({ config }: StreamInfo): readonly string[] | undefined {
  const { mirror, sources, subject_transform } = config
  // A stream without subjects of its own has no such field, whatever the client's type says.
  const subjects: readonly string[] | undefined = config.subjects
  return mirror || sources?.length || subject_transform ? undefined : subjects
}

/** Our subjects as far as a stream with these can hold them: some servers refuse filters outside a stream's own subjects. */
function capturedSubjects(subjects: readonly string[]): string[] {
  return SUBJECTS.flatMap((subject) => {
    if (subjects.some((pattern) => covers(pattern, subject))) return [subject]
    // The stream may list the tokens of a wildcard one by one.
    return subjects.filter((pattern) => covers(subject, pattern))
  })
}

function covers(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.')
  const tokens = subject.split('.')
  for (const [i, token] of wanted.entries()) {
    if (token === '>') return tokens.length > i
    if (tokens[i] === undefined || (token !== '*' && token !== tokens[i])) return false
  }
  return wanted.length === tokens.length
}
