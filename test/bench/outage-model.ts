/** What an outage of the store leaves behind, calculated: how many events wait, how old the oldest of them is, and when nothing waits any more. */
export interface Outage {
  /** Events a second that are published, by the second since the store went away. */
  readonly arrivals: (second: number) => number
  /** Events a second that can be stored while the store is there. */
  readonly capacity: number
  readonly outageSeconds: number
  /** Whole seconds until the store is tried again once it is back. */
  readonly retrySeconds?: number
  /** So many events are held in memory at most; the others wait in the stream. */
  readonly heldEvents: number
  /** Who has not caught up by then is taken to do so never; two weeks by default. */
  readonly maxSeconds?: number
}

export interface OutageMoment {
  /** Since the store went away. */
  readonly second: number
  readonly waiting: number
  readonly inMemory: number
  readonly inStream: number
  /** Age of the oldest event that is not stored, to the second. */
  readonly lagSeconds: number
}

export interface OutageCourse {
  readonly moments: readonly OutageMoment[]
  /** From the store's return until all that was published is stored; infinite where that never comes about. */
  readonly catchUpSeconds: number
  readonly most: OutageMoment
}

const TWO_WEEKS = 14 * 86_400

/** Goes through the outage second by second. What is published first is stored first, as a stream has it. */
export function simulateOutage(outage: Outage): OutageCourse {
  const { arrivals, capacity, outageSeconds, retrySeconds = 0, heldEvents, maxSeconds = TWO_WEEKS } = outage
  const moments: OutageMoment[] = []
  /** How many events were published up to each second. */
  const published = [0]
  let stored = 0
  let oldest = 0
  for (let second = 0; second <= maxSeconds; second++) {
    const waiting = published[second]! - stored
    while (oldest < second && published[oldest + 1]! <= stored) oldest++
    const inMemory = Math.min(waiting, heldEvents)
    moments.push({ second, waiting, inMemory, inStream: waiting - inMemory, lagSeconds: second - oldest })
    if (second > outageSeconds && waiting === 0) break
    published.push(published[second]! + arrivals(second))
    if (second >= outageSeconds + retrySeconds) stored = Math.min(published[second + 1]!, stored + capacity)
  }
  const last = moments.at(-1)!
  const most = moments.reduce((a, b) => (b.waiting > a.waiting ? b : a))
  return { moments, most, catchUpSeconds: last.waiting === 0 ? last.second - outageSeconds : Infinity }
}

/** The same for an even rate, in one line: what waits is worked off by what is left of the capacity. */
export function catchUpSeconds(rate: number, capacity: number, awaySeconds: number): number {
  return rate < capacity ? (awaySeconds * rate) / (capacity - rate) : Infinity
}

/** Events a second over a day: `mean`, more by day and less by night by the part `swing` (0 to 1), at its peak in second 0. */
export function dailyArrivals(mean: number, swing: number): (second: number) => number {
  return (second) => mean * (1 + swing * Math.cos((second / 86_400) * 2 * Math.PI))
}
