/**
 * The configuration of the durable consumers of the event stream.
 */
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  nanos,
  ReplayPolicy,
  type StreamInfo,
} from 'nats'
import { SUBJECTS } from '../../events/catalogue.ts'
import { supportsMultipleFilters } from '../old-servers/multiple-filters.ts'

export interface ConsumerLimits {
  readonly maxAckPending: number
  /** The broker redelivers a message that was not acknowledged within this time. */
  readonly ackWaitMs: number
}

export interface ConsumerSpec {
  readonly stream: StreamInfo
  readonly durable: string
  readonly limits: ConsumerLimits
  /** The version of the server, for example 2.9.10. */
  readonly serverVersion: string
}

/** A durable consumer that delivers from the message after `floor` on: cumulative acknowledgement, unlimited redelivery. */
export function consumerConfig(spec: ConsumerSpec, floor: number): Partial<ConsumerConfig> {
  const { stream, durable, limits, serverVersion } = spec
  const start =
    floor > 0
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: floor + 1 }
      : { deliver_policy: DeliverPolicy.All }
  const subjects = storedSubjects(stream)
  const hasForeignSubjects = subjects?.some((subject) => !SUBJECTS.some((pattern) => covers(pattern, subject)))
  return {
    durable_name: durable,
    ack_policy: AckPolicy.All,
    ack_wait: nanos(limits.ackWaitMs),
    max_deliver: -1,
    max_ack_pending: limits.maxAckPending,
    replay_policy: ReplayPolicy.Instant,
    ...start,
    ...(subjects && hasForeignSubjects && supportsMultipleFilters(serverVersion)
      ? { filter_subjects: capturedSubjects(subjects) }
      : {}),
  }
}

/**
 * Whether the consumer `info` can be used as it is: it has the configuration `config`, its floor is `floor` where one is given, no delivery is unacknowledged and no pull
 * request is open. With unacknowledged deliveries the consumer has to be recreated after its floor: it would redeliver them only after `ack_wait`, and a cumulative
 * acknowledgement before that would skip them. An open pull request belongs to a process that was suspended, and the broker would send messages to it.
 */
export function isReusable(info: ConsumerInfo, config: Partial<ConsumerConfig>, floor: number | undefined): boolean {
  const current = info.config
  return (
    (floor === undefined || info.ack_floor.stream_seq === floor) &&
    info.num_ack_pending === 0 &&
    info.num_waiting === 0 &&
    current.ack_policy === config.ack_policy &&
    current.max_ack_pending === config.max_ack_pending &&
    current.ack_wait === config.ack_wait &&
    (current.max_deliver ?? -1) === -1 &&
    current.filter_subject === config.filter_subject &&
    JSON.stringify(current.filter_subjects) === JSON.stringify(config.filter_subjects)
  )
}

/**
 * The subjects that messages of the stream can have, or undefined when its configuration does not determine them: messages from another stream, or with a transformed
 * subject, can have any subject. A filter made of the stream's own subjects would exclude them.
 */
function storedSubjects({ config }: StreamInfo): readonly string[] | undefined {
  const { mirror, sources, subject_transform } = config
  // A stream without subjects of its own lacks the field, although the client's type requires it.
  const subjects: readonly string[] | undefined = config.subjects
  return mirror || sources?.length || subject_transform ? undefined : subjects
}

/** The event subjects that a stream with these subjects can hold. Some servers refuse filters outside the stream's own subjects. */
function capturedSubjects(subjects: readonly string[]): string[] {
  return SUBJECTS.flatMap((subject) => {
    if (subjects.some((pattern) => covers(pattern, subject))) return [subject]
    // The stream may list the subjects of a wildcard one by one.
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
