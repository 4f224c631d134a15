const FIRST_CAPACITY = 1_024

/**
 * The state of deliveries in the order of their sequences, without an object per delivery: deliveries live as long as their events are stored, and objects of that age are
 * what the garbage collector frees last. A delivery is named by its slot, a number that is never used again.
 */
export class DeliveryRing {
  /** A slot is at the place of its low bits; the lengths are powers of two. */
  #sequences = new Float64Array(FIRST_CAPACITY)
  #publishedAt = new Float64Array(FIRST_CAPACITY)
  #settled = new Uint8Array(FIRST_CAPACITY)
  #head = 0
  #next = 0

  /** Adds an unsettled delivery and returns its slot. */
  add(sequence: number, publishedAt: number): number {
    if (this.length === this.#settled.length) this.#grow()
    const slot = this.#next++
    const place = this.#placeOf(slot)
    this.#sequences[place] = sequence
    this.#publishedAt[place] = publishedAt
    this.#settled[place] = 0
    return slot
  }

  /** The number of deliveries that were not removed. */
  get length(): number {
    return this.#next - this.#head
  }

  /** Whether a delivery is settled. Only settled ones are removed. */
  isSettled(slot: number): boolean {
    return slot < this.#head || this.#settled[this.#placeOf(slot)] === 1
  }

  settle(slot: number): void {
    if (slot >= this.#head) this.#settled[this.#placeOf(slot)] = 1
  }

  /** Removes the settled deliveries before the first unsettled one. Returns the sequence of the last one that it removes. */
  removeSettled(): number | undefined {
    let last: number | undefined
    for (; this.#head < this.#next && this.#settled[this.#placeOf(this.#head)] === 1; this.#head++)
      last = this.#sequences[this.#placeOf(this.#head)]
    return last
  }

  /** When the broker stored the oldest delivery. */
  get oldestPublishedAt(): number | undefined {
    return this.length === 0 ? undefined : this.#publishedAt[this.#placeOf(this.#head)]
  }

  #placeOf(slot: number): number {
    return slot & (this.#settled.length - 1)
  }

  #grow(): void {
    const [sequences, publishedAt, settled] = [this.#sequences, this.#publishedAt, this.#settled]
    const capacity = settled.length * 2
    this.#sequences = new Float64Array(capacity)
    this.#publishedAt = new Float64Array(capacity)
    this.#settled = new Uint8Array(capacity)
    for (let slot = this.#head; slot < this.#next; slot++) {
      const [from, to] = [slot & (settled.length - 1), this.#placeOf(slot)]
      this.#sequences[to] = sequences[from]!
      this.#publishedAt[to] = publishedAt[from]!
      this.#settled[to] = settled[from]!
    }
  }
}
