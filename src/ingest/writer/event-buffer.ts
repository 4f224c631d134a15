import type { Clock } from '../../base/clock.ts'
import { EventBlock } from '../../events/block/event-block.ts'
import { NameDictionary } from '../../events/block/name-dictionary.ts'
import type { InFlightDelivery, InFlightVisitor, LedgerAccount } from '../accounting/ledger.ts'
import type { EventStore } from '../ports.ts'
import type { BufferedBlock } from '../stages.ts'
import { BlockDeliveries } from './block-deliveries.ts'

/** The most rows of one insert: the store writes them as one part, and a block stays below a tenth of the memory for ingestion. */
export const MAX_BLOCK_ROWS = 25_000
/** Under load three blocks are in use: one is filled, one is looked up and one is inserted. The one that is stored becomes the next. */
const MAX_IDLE_BLOCKS = 1
/** The largest block that is used again: that of 25,000 events of about 700 bytes. */
const MAX_IDLE_BYTES = 32 * 1_048_576
/** The memory for names: about 200,000 entities. A full dictionary is replaced, for the blocks that are opened then. */
const MAX_NAME_BYTES = 16 * 1_048_576
/** Every time zone changes its month on a quarter of an hour. */
const QUARTER_HOUR_MS = 900_000

export interface EventBufferOptions {
  /** Events of one tenant that make a flush due. */
  readonly bufferSize: number
  /** Age of the oldest event that makes a flush due, in milliseconds. */
  readonly flushIntervalMs: number
  readonly store: Pick<EventStore, 'storePartitionOf'>
  readonly clock: Clock
}

/**
 * The queue between the actors and the writer: blocks of rows, one open block per partition of the store, as an insert into two partitions is not atomic. A flush becomes
 * due when one tenant has `bufferSize` events, when a block is full, or when the oldest event is `flushIntervalMs` old; it is due then for all open blocks. The writer takes
 * one block at a time, the oldest first, and the others grow until it is their turn: a backlog that is scattered over many partitions gets as few and as large inserts as
 * the limit of deliveries in flight permits. That limit, not the buffer, keeps the events of one tenant from delaying those of others.
 */
export class EventBuffer {
  readonly #options: EventBufferOptions
  /** By partition, the oldest first. */
  readonly #openBlocks = new Map<number, BufferedBlock>()
  #fullBlocks: BufferedBlock[] = []
  readonly #idleBlocks: BufferedBlock[] = []
  /** The open blocks of the flush that is due, and of the one after it, which comes due while blocks of the first are taken. */
  #dueBlocks = new Set<BufferedBlock>()
  #nextDueBlocks = new Set<BufferedBlock>()
  #isFlushBegun = false
  /** The names of the blocks. */
  #names = new NameDictionary()
  /** The open block of the last event, for the quarter of an hour in which it occurred. */
  #lastBlock: BufferedBlock | undefined
  #lastQuarterHour = NaN
  /** The accounts count their events since a flush came due: a map would take a lookup per event. */
  #flush: object = {}
  #size = 0
  #cancelAgeTimer: (() => void) | undefined
  #notifyFlushDue: () => void = () => {}

  constructor(options: EventBufferOptions) {
    this.#options = options
  }

  /** Sets the function that is called when a flush is due: the writer waits for it. */
  onFlushDue(notify: () => void): void {
    this.#notifyFlushDue = notify
  }

  /** The block that takes the next event of this instant, in epoch milliseconds. The caller appends the row, then calls `add`, both in the same turn. */
  blockFor(occurredAt: number): BufferedBlock {
    const quarterHour = Math.floor(occurredAt / QUARTER_HOUR_MS)
    if (this.#lastBlock && quarterHour === this.#lastQuarterHour) return this.#lastBlock
    const partition = this.#options.store.storePartitionOf(occurredAt)
    let block = this.#openBlocks.get(partition)
    if (!block) this.#openBlocks.set(partition, (block = this.#emptyBlock()))
    this.#lastBlock = block
    this.#lastQuarterHour = quarterHour
    return block
  }

  /** The last row of the block is an event of this delivery. */
  add(block: BufferedBlock, inFlight: InFlightDelivery): void {
    const { bufferSize, flushIntervalMs, clock } = this.#options
    block.deliveries.add(inFlight)
    this.#size++
    if (block.deliveries.length >= MAX_BLOCK_ROWS) {
      this.#close(block)
      return this.flush()
    }
    if (this.#dueBlocks.size > 0 && (this.#dueBlocks.has(block) || this.#nextDueBlocks.has(block))) return
    // The timer only signals that a flush is due: an error while flushing surfaces in the loop of the writer.
    this.#cancelAgeTimer ??= clock.after(flushIntervalMs, () => this.flush())
    const { account } = inFlight
    if (account.countedFlush !== this.#flush) {
      account.countedFlush = this.#flush
      account.bufferedCount = 0
    }
    if (++account.bufferedCount >= bufferSize) this.flush()
  }

  /** Makes every buffered event due now. */
  flush(): void {
    if (this.#size === 0) return
    const due = this.#isFlushBegun ? this.#nextDueBlocks : this.#dueBlocks
    for (const block of this.#openBlocks.values()) if (!this.#dueBlocks.has(block)) due.add(block)
    this.#flush = {}
    this.close()
    this.#notifyFlushDue()
  }

  /** Removes the oldest full block, or else the oldest block of the flush that is due; undefined when none is due. */
  take(): BufferedBlock | undefined {
    const block = this.#fullBlocks.shift() ?? this.#takeDue()
    if (block) this.#size -= block.deliveries.length
    return block
  }

  get isFlushDue(): boolean {
    return this.#fullBlocks.length > 0 || this.#dueBlocks.size > 0
  }

  /** Whether a block is full. */
  get isFull(): boolean {
    return this.#fullBlocks.length > 0
  }

  /** Whether blocks of the flush that is due were taken already. */
  get isFlushBegun(): boolean {
    return this.#isFlushBegun
  }

  get size(): number {
    return this.#size
  }

  forEachInFlight(visit: InFlightVisitor): void {
    for (const block of [...this.#fullBlocks, ...this.#openBlocks.values()]) visitRuns(block, visit)
  }

  /** Takes back a block that nothing refers to any more: its memory is used again. */
  recycle({ events, deliveries }: BufferedBlock): void {
    if (this.#idleBlocks.length >= MAX_IDLE_BLOCKS || events.byteLength + deliveries.byteLength > MAX_IDLE_BYTES) return
    // A dictionary that is replaced must not stay in memory with it.
    events.clear(this.#names)
    deliveries.clear()
    this.#idleBlocks.push({ events, deliveries })
  }

  #emptyBlock(): BufferedBlock {
    const block = this.#idleBlocks.pop() ?? { events: new EventBlock(), deliveries: new BlockDeliveries() }
    if (this.#names.byteLength >= MAX_NAME_BYTES) this.#names = new NameDictionary()
    block.events.clear(this.#names)
    return block
  }

  /** Stops the timer. */
  close(): void {
    this.#cancelAgeTimer?.()
    this.#cancelAgeTimer = undefined
  }

  #close(block: BufferedBlock): void {
    this.#remove(block)
    this.#fullBlocks.push(block)
  }

  #takeDue(): BufferedBlock | undefined {
    const [block] = this.#dueBlocks
    if (!block) return undefined
    // Ends with the last block of this flush.
    this.#isFlushBegun = true
    this.#remove(block)
    return block
  }

  /** The next event of the partition opens another block. */
  #remove(block: BufferedBlock): void {
    for (const [partition, open] of this.#openBlocks) if (open === block) this.#openBlocks.delete(partition)
    this.#lastBlock = undefined
    this.#nextDueBlocks.delete(block)
    this.#dueBlocks.delete(block)
    if (this.#dueBlocks.size > 0) return
    this.#isFlushBegun = false
    ;[this.#dueBlocks, this.#nextDueBlocks] = [this.#nextDueBlocks, this.#dueBlocks]
  }
}

/** Visits the deliveries of a block, or those of its rows that `isVisited` selects, by runs of one account. */
export function visitRuns(
  { deliveries }: BufferedBlock,
  visit: InFlightVisitor,
  isVisited: (row: number) => boolean = () => true,
): void {
  let account: LedgerAccount | undefined
  let count = 0
  for (let row = 0; row < deliveries.length; row++) {
    if (!isVisited(row)) continue
    if (deliveries.account(row) !== account) {
      if (account) visit(account, count)
      account = deliveries.account(row)
      count = 0
    }
    count++
  }
  if (account) visit(account, count)
}
