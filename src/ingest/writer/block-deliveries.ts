import { enlarged } from '../../events/block/byte-interner.ts'
import { type AckFloor, PendingDelivery } from '../accounting/ack-floor.ts'
import type { DeliveryRing } from '../accounting/delivery-ring.ts'
import type { InFlightDelivery, LedgerAccount, SettledDelivery } from '../accounting/ledger.ts'
import { KeptMessages } from './kept-messages.ts'

const FIRST_ROWS = 256

/** The deliveries of the rows of a block, in columns as the events are. An object for a delivery is made when it is asked for. */
export class BlockDeliveries {
  #length = 0
  readonly #floors: AckFloor[] = []
  readonly #rings: DeliveryRing[] = []
  readonly #accounts: LedgerAccount[] = []
  #slots = new Float64Array(FIRST_ROWS)
  #sequences = new Float64Array(FIRST_ROWS)
  #publishedAt = new Float64Array(FIRST_ROWS)
  #byteLengths = new Uint32Array(FIRST_ROWS)
  readonly #messages = new KeptMessages()
  readonly #refused = new Set<number>()

  /** The number of rows. */
  get length(): number {
    return this.#length
  }

  /** The memory that it uses, in bytes. */
  get byteLength(): number {
    return this.#slots.length * 52 + this.#messages.byteLength
  }

  /** Adds the delivery of the next row. */
  add({ delivery, pending, account }: InFlightDelivery): void {
    const row = this.#length
    if (row >= this.#slots.length) {
      this.#slots = enlarged(this.#slots, row + 1)
      this.#sequences = enlarged(this.#sequences, row + 1)
      this.#publishedAt = enlarged(this.#publishedAt, row + 1)
      this.#byteLengths = enlarged(this.#byteLengths, row + 1)
    }
    this.#messages.add(row, delivery)
    this.#floors[row] = pending.floor
    this.#rings[row] = pending.ring
    this.#accounts[row] = account
    this.#slots[row] = pending.slot
    this.#sequences[row] = pending.sequence
    this.#publishedAt[row] = pending.publishedAt
    this.#byteLengths[row] = pending.byteLength
    this.#length++
  }

  /** When the broker stored the message of a row, in epoch milliseconds. */
  publishedAt(row: number): number {
    return this.#publishedAt[row]!
  }

  /** Whether the message of a row arrived as it was published, not long after. */
  isLive(row: number): boolean {
    return this.#floors[row]!.isLive
  }

  account(row: number): LedgerAccount {
    return this.#accounts[row]!
  }

  /** The store refuses this row: its event is in flight in the dead letters from now on. */
  refuse(row: number): void {
    this.#refused.add(row)
  }

  /** Whether the event of a row is neither settled nor refused. */
  isInFlight(row: number): boolean {
    return !this.#rings[row]!.isSettled(this.#slots[row]!) && !this.#refused.has(row)
  }

  at(row: number): InFlightDelivery {
    const pending = this.#pending(row)
    return { delivery: this.#messages.at(row, pending), pending, account: this.account(row) }
  }

  /** What settling these rows needs. */
  *of(rows: Iterable<number>): Generator<SettledDelivery> {
    for (const row of rows) yield { pending: this.#pending(row), account: this.account(row) }
  }

  /** Forgets all rows and keeps the memory. */
  clear(): void {
    this.#length = 0
    // Otherwise they would keep the accounts of idle tenants.
    this.#accounts.length = 0
    this.#floors.length = 0
    this.#rings.length = 0
    this.#refused.clear()
    this.#messages.clear()
  }

  #pending(row: number): PendingDelivery {
    return new PendingDelivery(
      this.#floors[row]!,
      this.#rings[row]!,
      this.#slots[row]!,
      this.#sequences[row]!,
      this.#publishedAt[row]!,
      this.#byteLengths[row]!,
    )
  }
}
