import type { StreamInfo } from 'nats'
import type { Logger } from '../../base/logger.ts'

/** How often a NATS cluster may report that its stream ends before the last settled message: a new leader does so until it has caught up. */
const MAX_SHORT_READS = 20

/** Decides where deliveries start in a stream: after the last settled message, unless that was settled in another stream. */
export class StartPosition {
  readonly #logger: Logger
  /** Creation time of the consumed stream: a stream with another creation time is another stream, even with the same name. */
  #streamCreated: string | undefined
  #shortReads = 0

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** The sequence after which deliveries start. Throws when the stream's state has to be read again. */
  resolve({ config, created, state, cluster }: StreamInfo, settled: number): number {
    const isReplaced = this.#streamCreated !== undefined && created !== this.#streamCreated
    const isShort = settled > state.last_seq
    if (isShort && !isReplaced && cluster && this.#shortReads++ < MAX_SHORT_READS)
      throw new Error(
        `The stream ${config.name} ends at sequence ${state.last_seq}, and ${settled} is settled: its leader has not caught up yet.`,
      )
    this.#shortReads = 0
    if (!isReplaced && !isShort) return settled
    this.#logger.error('the stream was deleted, restored or replaced; consuming it from its start', {
      stream: config.name,
      settled,
      last: state.last_seq,
    })
    return 0
  }

  /** This stream is consumed from now on. */
  recordStream({ created }: StreamInfo): void {
    this.#streamCreated = created
  }
}
