import type { Clock } from '../../base/clock.ts'
import { EventBlock } from '../../events/block/event-block.ts'
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
 * due when one tenant has `bufferSize` events, when a block is full, or when the oldest event is `flushIntervalMs` old; it is due then for all events. Events leave in the
 * order of their arrival: the limit of deliveries in flight, not the buffer, keeps the events of one tenant from delaying those of others.
 */
export class EventBuffer {
  readonly #options: EventBufferOptions
  /** By partition. */
  readonly #openBlocks = new Map<number, BufferedBlock>()
  #fullBlocks: BufferedBlock[] = []
  readonly #idleBlocks: BufferedBlock[] = []
  /** The open block of the last event, for the quarter of an hour in which it occurred. */
  #lastBlock: BufferedBlock | undefined
  #lastQuarterHour = NaN
  /** The accounts count their events since this flush, until the next one is due: a map would take a lookup per event. */
  #flush: object = {}
  #size = 0
  #isFlushDue = false
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
    if (block.deliveries.length >= MAX_BLOCK_ROWS) this.#close(block)
    if (this.#isFlushDue) return
    // The timer only signals that a flush is due: an error while flushing surfaces in the loop of the writer.
    this.#cancelAgeTimer ??= clock.after(flushIntervalMs, () => this.flush())
    const { account } = inFlight
    if (account.countedFlush !== this.#flush) {
      account.countedFlush = this.#flush
      account.bufferedCount = 0
    }
    if (++account.bufferedCount >= bufferSize || this.#fullBlocks.length > 0) this.flush()
  }

  /** Makes every buffered event due now. */
  flush(): void {
    if (this.#size === 0) return
    this.#isFlushDue = true
    this.#notifyFlushDue()
  }

  /** Removes the oldest full block, or else all blocks. The rest stays due. */
  take(): BufferedBlock[] {
    const full = this.#fullBlocks.shift()
    const blocks = full ? [full] : [...this.#openBlocks.values()]
    if (!full) this.#openBlocks.clear()
    this.#lastBlock = undefined
    for (const { deliveries } of blocks) this.#size -= deliveries.length
    if (this.#size > 0) return blocks
    this.#isFlushDue = false
    this.#flush = {}
    this.close()
    return blocks
  }

  get isFlushDue(): boolean {
    return this.#isFlushDue
  }

  /** Whether a block is full. */
  get isFull(): boolean {
    return this.#fullBlocks.length > 0
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
    events.clear()
    deliveries.clear()
    this.#idleBlocks.push({ events, deliveries })
  }

  #emptyBlock(): BufferedBlock {
    return this.#idleBlocks.pop() ?? { events: new EventBlock(), deliveries: new BlockDeliveries() }
  }

  /** Stops the timer. */
  close(): void {
    this.#cancelAgeTimer?.()
    this.#cancelAgeTimer = undefined
  }

  #close(block: BufferedBlock): void {
    for (const [partition, open] of this.#openBlocks) if (open === block) this.#openBlocks.delete(partition)
    this.#fullBlocks.push(block)
    this.#lastBlock = undefined
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
