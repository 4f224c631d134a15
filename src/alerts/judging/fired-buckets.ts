/** The buckets at which a detector fired, as runs, so that a long episode takes little space. They are no references for later buckets. */

/** The first instants of the first and the last bucket of a run. */
export type FiredRun = readonly [from: number, to: number]

export class FiredBuckets {
  #runs: FiredRun[]

  constructor(runs: readonly FiredRun[] = []) {
    this.#runs = [...runs]
  }

  get runs(): readonly FiredRun[] {
    return this.#runs
  }

  has(bucket: number): boolean {
    return this.#runs.some(([from, to]) => from <= bucket && bucket <= to)
  }

  /** Adds a bucket after all others. `previous` is the bucket before it. */
  add(bucket: number, previous: number | undefined): void {
    const last = this.#runs.at(-1)
    if (last && last[1] === previous) this.#runs[this.#runs.length - 1] = [last[0], bucket]
    else this.#runs.push([bucket, bucket])
  }

  /** Removes runs that ended before an instant. */
  removeBefore(instant: number): void {
    this.#runs = this.#runs.filter(([, to]) => to >= instant)
  }
}
