/** A list of numbers in a typed array that grows. */
export class NumberList {
  #values = new Float64Array(1_024)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#length++] = value
  }

  /** The numbers in ascending order. The list itself is sorted. */
  sorted(): Float64Array {
    return this.#values.subarray(0, this.#length).sort()
  }
}
