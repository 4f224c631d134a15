/**
 * How far the service has come in the stream of events: where it begins at a start, and which messages were gone before they reached it.
 */
import type { ConsumerInfo, JetStreamManager, StreamInfo } from 'nats'
import type { Logger } from '../../base/logger.ts'
import { SequenceGaps, type SequenceRange } from './sequence-gaps.ts'
import type { RecordedProgress, ProgressRecord } from './progress-record.ts'
import { isNotFound } from '../stream-info.ts'

/** So many gaps are looked into at a time, the largest first; what a broker leaves out by mistake is a large one. */
const MAX_EXAMINED_GAPS = 100
/** A consumer that leaves out the same messages so often will not deliver them. */
const MAX_REWINDS = 3

/**
 * Why a message never came. `expired`: it was older than everything that is left in the stream, so that a limit of the stream or a purge took it. `deleted`: it stood between
 * messages that are left.
 */
export const MISSING_CAUSES = ['expired', 'deleted'] as const
export type MissingCause = (typeof MISSING_CAUSES)[number]

export interface StreamProgressOptions {
  readonly record: Pick<ProgressRecord, 'read' | 'note' | 'end'>
  readonly logger: Logger
  readonly onMissing: (count: number, cause: MissingCause) => void
}

export class StreamProgress {
  readonly #options: StreamProgressOptions
  readonly #gaps = new SequenceGaps()
  /** Deliveries that were settled after the last record; which ones they were is not known. */
  #settledUnrecorded = 0
  #streamCreated: string | undefined
  #consumerCreated = ''
  #stream = ''
  #isFiltered = false
  /** The end of the stream at the last look. */
  #lastSequence = 0
  #rewinds = { behind: 0, count: 0 }

  constructor(options: StreamProgressOptions) {
    this.#options = options
  }

  /**
   * The sequence to begin behind at a start. `info` is the consumer as it stands on the broker, `guarded` what was settled when it was deleted to be made anew; both undefined =
   * from the start of the stream. Rejects when the record cannot be read now.
   */
  async begin(stream: StreamInfo, info: ConsumerInfo | undefined, guarded: number | undefined): Promise<number> {
    const recorded = await this.#recorded(stream)
    this.#streamCreated = stream.created
    const floor = info?.ack_floor.stream_seq ?? guarded
    if (floor === undefined) {
      // Nothing was asked for before the first start of all: that begins with what there is.
      this.#gaps.restart(recorded?.sequence ?? firstSequence(stream) - 1)
      return 0
    }
    // A guard was made by ourselves, where all was settled.
    if (!info || !recorded || recorded.sequence >= floor) {
      this.#gaps.restart(Math.max(recorded?.sequence ?? 0, floor) || firstSequence(stream) - 1)
      return floor
    }
    const isSame = info.created === recorded.consumerCreated
    const settled = isSame ? Math.max(0, info.ack_floor.consumer_seq - recorded.consumerSequence) : 0
    if (settled === floor - recorded.sequence) {
      this.#gaps.restart(floor)
      return floor
    }
    this.#gaps.restart(recorded.sequence)
    this.#settledUnrecorded = settled
    // A filtered one steps over foreign messages, which explains it as well; the servers that have such filters do not move a floor by mistake.
    if (isFiltered(info)) return floor
    this.#options.logger.warn(
      'the consumer stands further than its deliveries explain; going back to what is settled',
      { stream: stream.config.name, settled: recorded.sequence, floor },
    )
    return recorded.sequence
  }

  /** Deliveries of this consumer begin behind `behind`. */
  recordBound(stream: StreamInfo, consumer: ConsumerInfo, behind: number): void {
    // A stream that took the other one's place: nothing of it is known.
    if (this.#streamCreated !== stream.created) this.#gaps.restart(0)
    // One that was restored from a copy gives the last numbers again.
    else if (this.#gaps.accounted > stream.state.last_seq) this.#gaps.restart(stream.state.last_seq)
    this.#streamCreated = stream.created
    this.#stream = stream.config.name
    this.#consumerCreated = consumer.created
    this.#isFiltered = isFiltered(consumer)
    // At once: an older record would belong to a consumer that is gone, and could not be compared with this one.
    this.#options.record.note(this.#progressAt(behind || this.#gaps.accounted, consumer.ack_floor.consumer_seq), {
      isUrgent: true,
    })
  }

  recordDelivered(sequence: number): void {
    this.#gaps.recordDelivered(sequence)
  }

  /** Everything up to `sequence` is settled, which was this delivery of the consumer. */
  recordSettled(sequence: number, consumerSequence: number): void {
    this.#options.record.note(this.#progressAt(sequence, consumerSequence))
  }

  /** Deliveries end: what is settled from now on is recorded at once. */
  end(): void {
    this.#options.record.end()
  }

  /**
   * Counts and tells what is missing. `consumer` is given when all that it has delivered was received. Resolves with a sequence to go back behind when the consumer left out
   * messages that are in the stream.
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
    // What a filter leaves out is not missing.
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
    this.#options.logger.error('the consumer left out messages that are in the stream; going back', {
      stream: stream.config.name,
      behind: skipped - 1,
    })
    return skipped - 1
  }

  /** While nothing waits for a filtered consumer and nothing is open, all that its stream held at the last look and it was not given is foreign: it may go as it likes. */
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

  #mayRewind(behind: number): boolean {
    const count = this.#rewinds.behind === behind ? this.#rewinds.count + 1 : 1
    this.#rewinds = { behind, count }
    if (count <= MAX_REWINDS) return true
    this.#options.logger.error('the consumer does not deliver messages that are in the stream', { behind })
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
    this.#options.logger.error('messages were gone from the stream before they were delivered', {
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
    // Another stream under the same name: of that one nothing is settled.
    return recorded.streamCreated === stream.created ? recorded : { ...recorded, sequence: 0, consumerSequence: 0 }
  }
}

function isFiltered({ config }: ConsumerInfo): boolean {
  return config.filter_subject !== undefined || config.filter_subjects !== undefined
}

/** The first sequence that is in the stream, or would be next in an empty one. */
function firstSequence({ state }: StreamInfo): number {
  return state.messages === 0 ? state.last_seq + 1 : state.first_seq
}

function range(from: number, to: number): SequenceRange[] {
  return from <= to ? [{ from, to }] : []
}

/** The lowest sequence within the gaps under which there is a message. */
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

async function nextSequence(jsm: JetStreamManager, stream: string, from: number): Promise<number | undefined> {
  // The broker takes it here as it does for direct reads; the client's type only knows the latter.
  const query = { seq: from, next_by_subj: '>' }
  try {
    return (await jsm.streams.getMessage(stream, query)).seq
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
