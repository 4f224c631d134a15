/** Stand-ins for the ports of ingestion, with faults on demand: for tests of what ingestion does, never of what a store or a broker does. */
import { StoreFailure } from '../../../src/base/errors.ts'
import type { EventRow, NameObservation } from '../../../src/events/event-row.ts'
import type { DeadLetter, DeadLetterSink, DeliveryHandler, EventSource, EventStore } from '../../../src/ingest/ports.ts'

export type StoreCall = 'find' | 'read' | 'insert' | 'names' | 'fence'

/** Keeps rows in memory, one list an insert. */
export class MemoryStore implements EventStore {
  readonly calls: StoreCall[] = []
  readonly inserts: EventRow[][] = []
  readonly names: NameObservation[] = []
  /** Called before each call takes effect: throw to fail it, return a promise to delay it. */
  before: (call: StoreCall, rows: readonly EventRow[]) => unknown = () => {}
  /** Called after an insert took effect. */
  after: (rows: readonly EventRow[]) => unknown = () => {}
  /** Rows the store reads and refuses for good. */
  refuses: (row: EventRow) => boolean = () => false

  get rows(): EventRow[] {
    return this.inserts.flat()
  }

  async open(): Promise<void> {}

  storePartitionOf(occurredAt: number): number {
    const date = new Date(occurredAt)
    return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1
  }

  async findStoredIds(rows: readonly EventRow[]): Promise<ReadonlySet<string>> {
    await this.#enter('find', rows)
    const stored = new Set(this.rows.map(({ id }) => id))
    return new Set(rows.map(({ id }) => id).filter((id) => stored.has(id)))
  }

  async findStoredRows(rows: readonly EventRow[]): Promise<ReadonlyMap<string, EventRow>> {
    await this.#enter('read', rows)
    const wanted = new Set(rows.map(({ id }) => id))
    return new Map(this.rows.filter(({ id }) => wanted.has(id)).map((row) => [row.id, row]))
  }

  async insertRows(rows: readonly EventRow[]): Promise<void> {
    await this.#enter('insert', rows)
    if (rows.some(this.refuses)) throw new StoreFailure('rejected', 'A row is refused.')
    this.inserts.push([...rows])
    await this.after(rows)
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

export const unavailable = () => new StoreFailure('unavailable', 'The store is gone.')

export class MemoryLetters implements DeadLetterSink {
  readonly letters: DeadLetter[] = []
  before: (letter: DeadLetter) => unknown = () => {}

  async put(letter: DeadLetter): Promise<void> {
    await this.before(letter)
    this.letters.push(letter)
  }
}

/** A source that a test plays: it hands deliveries to `handler` and keeps what was acknowledged. */
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
