/** Blocks of events that are stored, or may be, and whose messages were not brought up to date yet. */
export class UnsettledBlocks {
  readonly #blocks = new Map<object, { readonly settled: Promise<void>; readonly settle: () => void }>()
  #count = 0

  /** The number of blocks that were ever begun. */
  get count(): number {
    return this.#count
  }

  /** Call it before the events of a block are inserted. */
  begin(block: object): void {
    if (this.#blocks.has(block)) return
    this.#count++
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#blocks.set(block, { settled: promise, settle: resolve })
  }

  /** The facts of all messages of the block are written. */
  settle(block: object): void {
    this.#blocks.get(block)?.settle()
    this.#blocks.delete(block)
  }

  get isEmpty(): boolean {
    return this.#blocks.size === 0
  }

  /** Resolves when every block that was begun before the call is settled. */
  async settledSoFar(): Promise<void> {
    await Promise.all([...this.#blocks.values()].map(({ settled }) => settled))
  }
}
