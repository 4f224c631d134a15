import type { StreamInfo } from 'nats'
import type { Logger } from '../../base/logger.ts'

/** So often a cluster may say that its stream ends before what is settled: a new leader says so until it has caught up. */
const MAX_SHORT_READS = 20

/** Where deliveries begin in a stream as the broker shows it: behind what is settled, unless that was settled of another stream. */
export class StartPosition {
  readonly #logger: Logger
  /** When the broker made the stream that is consumed: another instant is another stream, whatever its name. */
  #streamCreated: string | undefined
  #shortReads = 0

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** The sequence to begin behind. Throws when the stream has to be looked at again. */
  resolve({ config, created, state, cluster }: StreamInfo, settled: number): number {
    const isReplaced = this.#streamCreated !== undefined && created !== this.#streamCreated
    const isShort = settled > state.last_seq
    if (isShort && !isReplaced && cluster && this.#shortReads++ < MAX_SHORT_READS)
      throw new Error(
        `The stream ${config.name} ends at ${state.last_seq} and ${settled} is settled: its leader has to catch up.`,
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

  /** It is this stream that is consumed from now on. */
  recordStream({ created }: StreamInfo): void {
    this.#streamCreated = created
  }
}
