/**
 * Which events can be removed from the event stream. Stored events stay in it for replays: when they take too much space the oldest are removed, but never an event that a consumer
 * has not settled yet.
 */
import { AckPolicy, type ConsumerInfo, type StreamState } from 'nats'
import { isFiltered } from '../consumer-info.ts'
import { findConsumerWithoutLeader } from '../old-servers/unnamed-consumers.ts'

/** Trimming starts above this part of the stream's limit … */
const TRIM_ABOVE = 0.75
/** … and ends at this part, so that it is rare. */
const TRIM_TO = 0.5
/** The server rewrites the file block in which the removal ends. Trimming keeps the distance of one block, so that this block contains settled messages only. */
const MAX_BLOCK_BYTES = 64 * 1_048_576

export interface TrimPoint {
  /** Whether the stream exceeds the size at which trimming starts. */
  readonly isDue: boolean
  /** Every message below this sequence can be removed; the stream's first sequence = none. */
  readonly below: number
  /** The consumer whose unsettled messages prevent further trimming, if any. */
  readonly blockedBy: string | undefined
}

/**
 * The point up to which a stream with the limit `maxBytes` can be trimmed. Nothing is removed while the service's consumer, `durable`, is not in the list, as it is being
 * recreated, or while the position of any consumer is unknown.
 */
export function trimPoint(
  state: StreamState,
  maxBytes: number,
  consumers: readonly ConsumerInfo[],
  durable: string,
): TrimPoint {
  const { bytes, first_seq: first, last_seq: last } = state
  if (maxBytes <= 0 || bytes <= maxBytes * TRIM_ABOVE) return { isDue: false, below: first, blockedBy: undefined }
  const length = last - first + 1
  const wanted = first + Math.ceil((length * (bytes - maxBytes * TRIM_TO)) / bytes)
  const distance = Math.ceil((length * Math.min(MAX_BLOCK_BYTES, maxBytes / 4)) / bytes)
  const isOurs = ({ name }: ConsumerInfo) => name === durable
  const unknown = findConsumerWithoutLeader(consumers)
  if (unknown !== undefined) return { isDue: true, below: first, blockedBy: unknown }
  if (!consumers.some(isOurs)) return { isDue: true, below: first, blockedBy: durable }
  const slowest = consumers.toSorted((a, b) => settledUpTo(a, last) - settledUpTo(b, last))[0]!
  const allowed = settledUpTo(slowest, last) + 1 - distance
  return {
    isDue: true,
    below: Math.max(first, Math.min(wanted, allowed)),
    blockedBy: allowed < wanted ? slowest.name : undefined,
  }
}

/** The sequence up to which a consumer has settled everything, in a stream that ended at `last` before the consumer was read. */
function settledUpTo(consumer: ConsumerInfo, last: number) {
  const { config, ack_floor, delivered, num_pending, num_ack_pending } = consumer
  // Messages of other subjects move neither position of a filtered consumer.
  if (isFiltered(consumer) && num_pending === 0 && num_ack_pending === 0) return last
  return config.ack_policy === AckPolicy.None ? delivered.stream_seq : ack_floor.stream_seq
}
