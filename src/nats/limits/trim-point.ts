/**
 * Which stored events may leave the event stream. It is the history for replays: when it takes too much room its oldest part goes, but never an event that some consumer has
 * not settled yet.
 */
import { AckPolicy, type ConsumerInfo, type StreamState } from 'nats'

/** Trimming begins above this part of the stream's limit … */
const TRIM_ABOVE = 0.75
/** … and ends here, so that it is seldom. */
const TRIM_TO = 0.5
/** The server rewrites the block of its file in which the removal ends, so that one should hold nothing that is not settled: it keeps a block's distance. */
const MAX_BLOCK_BYTES = 64 * 1_048_576

export interface TrimPoint {
  /** Whether the stream takes more room than its history should. */
  readonly isDue: boolean
  /** Every message below this sequence may go; the stream's first sequence = none. */
  readonly below: number
  /** The consumer that keeps more from going, when there is one. */
  readonly heldBy: string | undefined
}

/**
 * Where to trim a stream to that may hold `maxBytes`. Nothing may go while our own consumer, `durable`, is not among the consumers: it is being made anew. Nor while one
 * has no leader that could tell its place: a cluster of nats-server 2.9 lists it without a name, as if nothing waited for it.
 */
export function trimPoint(
  state: StreamState,
  maxBytes: number,
  consumers: readonly ConsumerInfo[],
  durable: string,
): TrimPoint {
  const { bytes, first_seq: first, last_seq: last } = state
  if (maxBytes <= 0 || bytes <= maxBytes * TRIM_ABOVE) return { isDue: false, below: first, heldBy: undefined }
  const length = last - first + 1
  const wanted = first + Math.ceil((length * (bytes - maxBytes * TRIM_TO)) / bytes)
  const distance = Math.ceil((length * Math.min(MAX_BLOCK_BYTES, maxBytes / 4)) / bytes)
  const isOurs = ({ name }: ConsumerInfo) => name === durable
  const unknown = consumers.find(({ name }) => name === '')
  if (unknown) return { isDue: true, below: first, heldBy: unknown.config.durable_name ?? '' }
  if (!consumers.some(isOurs)) return { isDue: true, below: first, heldBy: durable }
  const slowest = consumers.toSorted((a, b) => settledUpTo(a, last) - settledUpTo(b, last))[0]!
  const allowed = settledUpTo(slowest, last) + 1 - distance
  return {
    isDue: true,
    below: Math.max(first, Math.min(wanted, allowed)),
    heldBy: allowed < wanted ? slowest.name : undefined,
  }
}

/** The sequence up to which a consumer needs nothing any more, in a stream that ended at `last` before the consumer was looked at. */
function settledUpTo({ config, ack_floor, delivered, num_pending, num_ack_pending }: ConsumerInfo, last: number) {
  const isFiltered = config.filter_subject !== undefined || config.filter_subjects !== undefined
  // The messages of other subjects move neither place of such a consumer.
  if (isFiltered && num_pending === 0 && num_ack_pending === 0) return last
  return config.ack_policy === AckPolicy.None ? delivered.stream_seq : ack_floor.stream_seq
}
