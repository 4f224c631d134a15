/**
 * The progress of the service in the event stream: where deliveries start, and which messages were removed before they were delivered.
 */
import type { ConsumerInfo, JetStreamManager, StreamInfo } from 'nats'
import type { Logger } from '../../base/logger.ts'
import { SequenceGaps, type SequenceRange } from './sequence-gaps.ts'
import type { RecordedProgress, ProgressRecord } from './progress-record.ts'
import { isFiltered } from '../consumer-info.ts'
import { acknowledgedSince, isFloorMoved } from '../old-servers/moved-floor.ts'
import { nextSequence } from '../stream-info.ts'

/** Gaps that are examined at a time, the largest first: messages that a broker skips by mistake form a large gap. */
const MAX_EXAMINED_GAPS = 100
/** A consumer that skips the same messages this often will not deliver them. */
const MAX_REWINDS = 3

/**
 * Why a message was not delivered. `expired`: it was older than every remaining message, so a limit of the stream or a purge removed it. `deleted`: it was between remaining
 * messages.
 */
export const MISSING_CAUSES = ['expired', 'deleted'] as const
export type MissingCause = (typeof MISSING_CAUSES)[number]

export interface StreamProgressOptions {
  readonly record: Pick<ProgressRecord, 'read' | 'save' | 'writeImmediately'>
  readonly logger: Logger
  readonly onMissing: (count: number, cause: MissingCause) => void
}

export class StreamProgress {
  readonly #options: StreamProgressOptions
  readonly #gaps = new SequenceGaps()
  /** Number of deliveries that were settled after the last record; their sequences are not known. */
  #settledUnrecorded = 0
  #streamCreated: string | undefined
  #consumerCreated = ''
  #stream = ''
  #isFiltered = false
  /** The last sequence of the stream at the last check. */
  #lastSequence = 0
  #rewinds = { after: 0, count: 0 }

  constructor(options: StreamProgressOptions) {
    this.#options = options
  }

  /**
   * The sequence after which deliveries start. `info` is the existing consumer, `guarded` the sequence that was settled when it was deleted to be recreated; both undefined = from
   * the start of the stream. Rejects when the record cannot be read now.
   */
  async begin(stream: StreamInfo, info: ConsumerInfo | undefined, guarded: number | undefined): Promise<number> {
    const recorded = await this.#recorded(stream)
    this.#streamCreated = stream.created
    const floor = info?.ack_floor.stream_seq ?? guarded
    if (floor === undefined) {
      // At the very first start nothing is missing: deliveries start with the first message in the stream.
      this.#gaps.restart(recorded?.sequence ?? firstSequence(stream) - 1)
      return 0
    }
    // This service created the guard where everything was settled.
    if (!info || !recorded || recorded.sequence >= floor) {
      this.#gaps.restart(Math.max(recorded?.sequence ?? 0, floor) || firstSequence(stream) - 1)
      return floor
    }
    const acknowledged = acknowledgedSince(info, recorded)
    if (acknowledged === floor - recorded.sequence) {
      this.#gaps.restart(floor)
      return floor
    }
    this.#gaps.restart(recorded.sequence)
    this.#settledUnrecorded = acknowledged
    if (!isFloorMoved(info, recorded)) return floor
    this.#options.logger.warn(
      'the acknowledgement floor is ahead of the acknowledged deliveries; resuming after the last settled message',
      { stream: stream.config.name, settled: recorded.sequence, floor },
    )
    return recorded.sequence
  }

  /** Deliveries of this consumer start after `startAfter`. */
  recordBound(stream: StreamInfo, consumer: ConsumerInfo, startAfter: number): void {
    // Another stream under the same name: nothing of it was delivered.
    if (this.#streamCreated !== stream.created) this.#gaps.restart(0)
    // A stream that was restored from a backup assigns its last sequences again.
    else if (this.#gaps.accounted > stream.state.last_seq) this.#gaps.restart(stream.state.last_seq)
    this.#streamCreated = stream.created
    this.#stream = stream.config.name
    this.#consumerCreated = consumer.created
    this.#isFiltered = isFiltered(consumer)
    // Immediately: an older record would belong to a deleted consumer and could not be compared with this one.
    this.#options.record.save(this.#progressAt(startAfter || this.#gaps.accounted, consumer.ack_floor.consumer_seq), {
      isImmediate: true,
    })
  }

  recordDelivered(sequence: number): void {
    this.#gaps.recordDelivered(sequence)
  }

  /** Everything up to `sequence` is settled; `consumerSequence` is the consumer's number of that delivery. */
  recordSettled(sequence: number, consumerSequence: number): void {
    this.#options.record.save(this.#progressAt(sequence, consumerSequence))
  }

  /** Deliveries end: progress is recorded immediately from now on. */
  end(): void {
    this.#options.record.writeImmediately()
  }

  /**
   * Counts and logs missing messages. `consumer` is given when all of its deliveries were received. Resolves with the sequence after which deliveries have to start again when the
   * consumer skipped messages that are in the stream.
   */
  async examine(
    jsm: JetStreamManager,
    stream: StreamInfo,
    consumer: ConsumerInfo | undefined,
  ): Promise<number | undefined> {
    if (consumer && this.#isFiltered) this.#skipForeign(consumer)
    if (consumer) {
      const reached = this.#isFiltered ? 0 : consumer.delivered.stream_seq
      this.#gaps.recordUnavailable(Math.max(reached, firstSequence(stream) - 1))
    }
    this.#lastSequence = stream.state.last_seq
    const gaps = this.#gaps.takeGaps()
    if (gaps.length === 0) return undefined
    const first = firstSequence(stream)
    const expired = gaps.flatMap(({ from, to }) => range(from, Math.min(to, first - 1)))
    // Messages that a filter excludes are not missing.
    const between = this.#isFiltered ? [] : gaps.flatMap(({ from, to }) => range(Math.max(from, first), to))
    const skipped = await findSkipped(jsm, stream, between).catch((error: unknown) => {
      this.#gaps.restore(gaps)
      throw error
    })
    this.#reportMissing('expired', stream, expired)
    if (skipped === undefined || !this.#mayRewind(skipped - 1)) {
      this.#reportMissing('deleted', stream, between)
      return undefined
    }
    this.#reportMissing(
      'deleted',
      stream,
      between.flatMap(({ from, to }) => range(from, Math.min(to, skipped - 1))),
    )
    this.#gaps.restart(skipped - 1)
    this.#options.logger.error('the consumer skipped messages that are in the stream; delivering them again', {
      stream: stream.config.name,
      after: skipped - 1,
    })
    return skipped - 1
  }

  /** When a filtered consumer has nothing pending and nothing unacknowledged, everything it did not deliver up to the last check has another subject and is not missing. */
  #skipForeign({ num_pending, num_ack_pending, ack_floor }: ConsumerInfo): void {
    if (num_pending + num_ack_pending > 0 || this.#lastSequence <= this.#gaps.accounted) return
    this.#gaps.advanceTo(this.#lastSequence)
    this.recordSettled(this.#lastSequence, ack_floor.consumer_seq)
  }

  #progressAt(sequence: number, consumerSequence: number): RecordedProgress {
    return {
      stream: this.#stream,
      streamCreated: this.#streamCreated!,
      consumerCreated: this.#consumerCreated,
      sequence,
      consumerSequence,
    }
  }

  #mayRewind(after: number): boolean {
    const count = this.#rewinds.after === after ? this.#rewinds.count + 1 : 1
    this.#rewinds = { after, count }
    if (count <= MAX_REWINDS) return true
    this.#options.logger.error('the consumer does not deliver messages that are in the stream', { after })
    return false
  }

  #reportMissing(cause: MissingCause, { config }: StreamInfo, ranges: readonly SequenceRange[]): void {
    let count = 0
    for (const { from, to } of ranges) count += to - from + 1
    const settled = Math.min(count, this.#settledUnrecorded)
    this.#settledUnrecorded -= settled
    count -= settled
    if (count === 0) return
    const [from, to] = [ranges[0]!.from, ranges.at(-1)!.to]
    this.#options.logger.error('messages were removed from the stream before they were delivered', {
      stream: config.name,
      cause,
      from,
      to,
      count,
    })
    this.#options.onMissing(count, cause)
  }

  async #recorded(stream: StreamInfo): Promise<RecordedProgress | undefined> {
    const recorded = await this.#options.record.read()
    if (recorded?.stream !== stream.config.name) return undefined
    // Another stream under the same name: nothing of it is settled.
    return recorded.streamCreated === stream.created ? recorded : { ...recorded, sequence: 0, consumerSequence: 0 }
  }
}

/** The first sequence in the stream; of an empty stream, the next one. */
function firstSequence({ state }: StreamInfo): number {
  return state.messages === 0 ? state.last_seq + 1 : state.first_seq
}

function range(from: number, to: number): SequenceRange[] {
  return from <= to ? [{ from, to }] : []
}

/** The lowest sequence within the gaps that has a message in the stream. */
async function findSkipped(
  jsm: JetStreamManager,
  { config }: StreamInfo,
  gaps: readonly SequenceRange[],
): Promise<number | undefined> {
  const size = ({ from, to }: SequenceRange) => to - from
  const largest = gaps.toSorted((a, b) => size(b) - size(a)).slice(0, MAX_EXAMINED_GAPS)
  for (const { from, to } of largest.toSorted((a, b) => a.from - b.from)) {
    const found = await nextSequence(jsm, config.name, from)
    if (found !== undefined && found <= to) return found
  }
  return undefined
}
