import type { StreamInfo } from 'nats'
import type { Logger } from '../logger.ts'

/** So often a cluster may say that its stream ends before what is settled: a new leader says so until it has caught up. */
const MAX_SHORT_LOOKS = 20

/** Where deliveries begin in a stream as the broker shows it: behind what is settled, unless that was settled of another stream. */
export class StartingPoint {
  readonly #logger: Logger
  /** When the broker made the stream that is consumed: another instant is another stream, whatever its name. */
  #created: string | undefined
  #shortLooks = 0

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** The sequence to begin behind. Throws when the stream has to be looked at again. */
  behind({ config, created, state, cluster }: StreamInfo, settled: number): number {
    const isReplaced = this.#created !== undefined && created !== this.#created
    const isShort = settled > state.last_seq
    if (isShort && !isReplaced && cluster && this.#shortLooks++ < MAX_SHORT_LOOKS)
      throw new Error(
        `The stream ${config.name} ends at ${state.last_seq} and ${settled} is settled: its leader has to catch up.`,
      )
    this.#shortLooks = 0
    if (!isReplaced && !isShort) return settled
    this.#logger.error('the stream was deleted, restored or replaced; consuming it from its start', {
      stream: config.name,
      settled,
      last: state.last_seq,
    })
    return 0
  }

  /** It is this stream that is consumed from now on. */
  keep({ created }: StreamInfo): void {
    this.#created = created
  }
}
