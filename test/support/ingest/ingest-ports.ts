/** In-memory implementations of the ports of ingestion, with faults on demand: for tests of ingestion, never of a store or a broker. */
import { StoreFailure } from '../../../src/base/errors.ts'
import type { EventBlock, RowIndexes } from '../../../src/events/block/event-block.ts'
import { type EventRow, isSameEvent, type NameObservation } from '../../../src/events/event-row.ts'
import type {
  DeadLetter,
  DeadLetterSink,
  DeliveryHandler,
  EventSource,
  EventStore,
  StoredComparison,
} from '../../../src/ingest/ports.ts'

export type StoreCall = 'find' | 'compare' | 'insert' | 'messages' | 'names' | 'fence'

/** Keeps rows in memory, one list per insert. */
export class MemoryStore implements EventStore {
  readonly calls: StoreCall[] = []
  readonly inserts: EventRow[][] = []
  readonly names: NameObservation[] = []
  /** Called before each call takes effect: throw to fail it, return a promise to delay it. */
  before: (call: StoreCall, rows: readonly EventRow[]) => unknown = () => {}
  /** Called after an insert took effect. */
  after: (rows: readonly EventRow[]) => unknown = () => {}
  /** Whether the store rejects a row permanently. */
  refuses: (row: EventRow) => boolean = () => false

  get rows(): EventRow[] {
    return this.inserts.flat()
  }

  async open(): Promise<void> {}

  storePartitionOf(occurredAt: number): number {
    const date = new Date(occurredAt)
    return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1
  }

  async findStored(events: EventBlock, indexes: RowIndexes): Promise<RowIndexes> {
    await this.#enter('find', rowsOf(events, indexes))
    const stored = new Set(this.rows.map(({ id }) => id))
    return indexes.filter((index) => stored.has(events.columns.id.read(index)))
  }

  async compareWithStored(events: EventBlock, indexes: RowIndexes): Promise<StoredComparison[]> {
    const rows = rowsOf(events, indexes)
    await this.#enter('compare', rows)
    const stored = new Map(this.rows.map((row) => [row.id, row]))
    return rows.map((row) => {
      const one = stored.get(row.id)
      if (one === undefined) return 'missing'
      return isSameEvent(one, row) ? 'same' : 'different'
    })
  }

  async insertRows(events: EventBlock, indexes: RowIndexes): Promise<void> {
    const rows = rowsOf(events, indexes)
    await this.#enter('insert', rows)
    if (rows.some(this.refuses)) throw new StoreFailure('rejected', 'A row is refused.')
    this.inserts.push([...rows])
    await this.after(rows)
  }

  async addToMessages(events: EventBlock, indexes: RowIndexes): Promise<void> {
    await this.#enter('messages', rowsOf(events, indexes))
  }

  async writeNames(names: readonly NameObservation[]): Promise<void> {
    await this.#enter('names', [])
    this.names.push(...names)
  }

  async fence(): Promise<void> {
    await this.#enter('fence', [])
  }

  invalidateCaches(): void {}

  async #enter(call: StoreCall, rows: readonly EventRow[]): Promise<void> {
    this.calls.push(call)
    await this.before(call, rows)
  }
}

function rowsOf(events: EventBlock, indexes: RowIndexes): EventRow[] {
  return Array.from(indexes, (index) => events.readRow(index))
}

export const unavailable = () => new StoreFailure('unavailable', 'The store is gone.')

export class MemoryLetters implements DeadLetterSink {
  readonly letters: DeadLetter[] = []
  before: (letter: DeadLetter) => unknown = () => {}

  async put(letter: DeadLetter): Promise<void> {
    await this.before(letter)
    this.letters.push(letter)
  }
}

/** A source under the control of the test, which hands deliveries to `handler`; it records the acknowledgements. */
export class PlayedSource implements EventSource {
  handler: DeliveryHandler | undefined
  readonly acknowledged: number[] = []
  wakeCount = 0
  pausing: Promise<void> = Promise.resolve()

  async start(handler: DeliveryHandler): Promise<void> {
    this.handler = handler
  }

  acknowledge(sequence: number): void {
    this.acknowledged.push(sequence)
  }

  wake(): void {
    this.wakeCount++
  }

  pause(): Promise<void> {
    return this.pausing
  }

  isBound(): boolean {
    return this.handler !== undefined
  }
}
