import { enlarged } from '../../events/block/byte-interner.ts'
import type { PendingDelivery } from '../accounting/ack-floor.ts'
import type { Delivery } from '../ports.ts'

const FIRST_ROWS = 256
/** Pages, as one array of this size would be moved and doubled while it grows. */
const PAGE_BYTES = 262_144
/** Longer messages are not copied. */
const MAX_COPIED_BYTES = 65_536
const NO_HEADERS: ReadonlyMap<string, readonly string[]> = new Map()

/** Where messages come from. */
interface MessageSource {
  readonly stream: string
  readonly subject: string
}

/**
 * The messages of the rows of a block, for the few that the store refuses: their bytes are copied to pages. A delivery as the broker's client made it keeps a dozen objects and
 * the whole chunk of the connection in which it arrived.
 */
export class KeptMessages {
  readonly #pages: Uint8Array[] = []
  /** Where the next message begins: pages are counted as if they were one array. */
  #end = 0
  #starts = new Uint32Array(FIRST_ROWS)
  #lengths = new Uint32Array(FIRST_ROWS)
  /** The number of each row's source. */
  #sourceIndexes = new Uint32Array(FIRST_ROWS)
  #sources: MessageSource[] = []
  /** By subject. */
  readonly #sourceBySubject = new Map<string, number>()
  /** Deliveries with headers and long ones, by row. */
  readonly #deliveries = new Map<number, Delivery>()

  /** The memory of its arrays in bytes. */
  get byteLength(): number {
    return this.#pages.length * PAGE_BYTES + this.#starts.length * 12
  }

  /** Sets the message of `row`, which follows the last one. */
  add(row: number, delivery: Delivery): void {
    const { data } = delivery
    if (data.length > MAX_COPIED_BYTES || delivery.headers.size > 0) return void this.#deliveries.set(row, delivery)
    if (row >= this.#starts.length) {
      this.#starts = enlarged(this.#starts, row + 1)
      this.#lengths = enlarged(this.#lengths, row + 1)
      this.#sourceIndexes = enlarged(this.#sourceIndexes, row + 1)
    }
    const left = PAGE_BYTES - (this.#end % PAGE_BYTES)
    if (data.length > left) this.#end += left
    const page = Math.floor(this.#end / PAGE_BYTES)
    const bytes = (this.#pages[page] ??= new Uint8Array(PAGE_BYTES))
    bytes.set(data, this.#end % PAGE_BYTES)
    this.#starts[row] = this.#end
    this.#lengths[row] = data.length
    this.#end += data.length
    this.#sourceIndexes[row] = this.#sourceOf(delivery)
  }

  /** The delivery of a row; `pending` has its position in the stream. */
  at(row: number, { sequence, publishedAt }: PendingDelivery): Delivery {
    const kept = this.#deliveries.get(row)
    if (kept) return kept
    const { stream, subject } = this.#sources[this.#sourceIndexes[row]!]!
    const place = { stream, sequence, storedAt: publishedAt }
    const start = this.#starts[row]! % PAGE_BYTES
    const page = this.#pages[Math.floor(this.#starts[row]! / PAGE_BYTES)]!
    return {
      stream,
      subject,
      // A copy: the page is used again for other messages.
      data: page.slice(start, start + this.#lengths[row]!),
      sequence,
      publishedAt,
      place,
      origin: place,
      messageId: undefined,
      headers: NO_HEADERS,
    }
  }

  /** Forgets all messages and keeps the pages. */
  clear(): void {
    this.#end = 0
    this.#deliveries.clear()
    this.#sourceBySubject.clear()
    this.#sources = []
  }

  #sourceOf({ stream, subject }: Delivery): number {
    const known = this.#sourceBySubject.get(subject)
    if (known !== undefined && this.#sources[known]!.stream === stream) return known
    const added = this.#sources.push({ stream, subject }) - 1
    this.#sourceBySubject.set(subject, added)
    return added
  }
}
