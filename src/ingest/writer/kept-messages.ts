import { enlarged } from '../../events/block/byte-interner.ts'
import type { PendingDelivery } from '../accounting/ack-floor.ts'
import type { Delivery } from '../ports.ts'

const FIRST_ROWS = 256
const FIRST_BYTES = 65_536
const NO_HEADERS: ReadonlyMap<string, readonly string[]> = new Map()

/** Where messages come from. */
interface MessageSource {
  readonly stream: string
  readonly subject: string
}

/**
 * The messages of the rows of a block, for the few that the store refuses: their bytes are copied to one array. A delivery as the broker's client made it keeps a dozen
 * objects and the whole chunk of the connection in which it arrived.
 */
export class KeptMessages {
  /** The messages one after the other; that of `row` ends at `#ends[row]`. */
  #bytes = new Uint8Array(FIRST_BYTES)
  #ends = new Uint32Array(FIRST_ROWS)
  /** The number of each row's source. */
  #sourceIndexes = new Uint32Array(FIRST_ROWS)
  #sources: MessageSource[] = []
  /** By subject. */
  readonly #sourceBySubject = new Map<string, number>()
  /** Deliveries with headers, by row. */
  readonly #withHeaders = new Map<number, Delivery>()

  /** The memory of its arrays in bytes. */
  get byteLength(): number {
    return this.#bytes.byteLength + this.#ends.byteLength + this.#sourceIndexes.byteLength
  }

  /** Sets the message of `row`, which follows the last one. */
  add(row: number, delivery: Delivery): void {
    const { data } = delivery
    const isPlain = delivery.headers.size === 0
    if (row >= this.#ends.length) {
      this.#ends = enlarged(this.#ends, row + 1)
      this.#sourceIndexes = enlarged(this.#sourceIndexes, row + 1)
    }
    const start = this.#start(row)
    const end = isPlain ? start + data.length : start
    if (end > this.#bytes.length) this.#bytes = enlarged(this.#bytes, end)
    if (isPlain) this.#bytes.set(data, start)
    else this.#withHeaders.set(row, delivery)
    this.#ends[row] = end
    this.#sourceIndexes[row] = this.#sourceOf(delivery)
  }

  /** The delivery of a row; `pending` has its position in the stream. */
  at(row: number, { sequence, publishedAt }: PendingDelivery): Delivery {
    const withHeaders = this.#withHeaders.get(row)
    if (withHeaders) return withHeaders
    const { stream, subject } = this.#sources[this.#sourceIndexes[row]!]!
    const place = { stream, sequence, storedAt: publishedAt }
    return {
      stream,
      subject,
      // A copy: the array is used again for other messages.
      data: this.#bytes.slice(this.#start(row), this.#ends[row]),
      sequence,
      publishedAt,
      place,
      origin: place,
      messageId: undefined,
      headers: NO_HEADERS,
    }
  }

  clear(): void {
    this.#withHeaders.clear()
    this.#sourceBySubject.clear()
    this.#sources = []
  }

  #start(row: number): number {
    return row === 0 ? 0 : this.#ends[row - 1]!
  }

  #sourceOf({ stream, subject }: Delivery): number {
    const known = this.#sourceBySubject.get(subject)
    if (known !== undefined && this.#sources[known]!.stream === stream) return known
    const added = this.#sources.push({ stream, subject }) - 1
    this.#sourceBySubject.set(subject, added)
    return added
  }
}
