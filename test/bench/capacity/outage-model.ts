/** A model of an outage of the store: the number of waiting events, the age of the oldest of them, and the time until none waits any more. */
export interface Outage {
  /** Events per second that are published, by the second since the start of the outage. */
  readonly arrivals: (second: number) => number
  /** Events per second that can be stored while the store is available. */
  readonly capacity: number
  readonly outageSeconds: number
  /** Whole seconds from the return of the store until the next attempt to use it. */
  readonly retrySeconds?: number
  /** Maximum number of events in memory; the others wait in the stream. */
  readonly heldEvents: number
  /** The model ends at this time; a backlog that remains then is considered permanent. Two weeks by default. */
  readonly maxSeconds?: number
}

export interface OutageMoment {
  /** Since the start of the outage. */
  readonly second: number
  readonly waiting: number
  readonly inMemory: number
  readonly inStream: number
  /** Age of the oldest event that is not stored, in seconds. */
  readonly lagSeconds: number
}

export interface OutageCourse {
  readonly moments: readonly OutageMoment[]
  /** From the return of the store until all published events are stored; infinite if that never happens. */
  readonly catchUpSeconds: number
  readonly most: OutageMoment
}

const TWO_WEEKS = 14 * 86_400

/** Simulates the outage second by second. Events are stored in the order in which they were published. */
export function simulateOutage(outage: Outage): OutageCourse {
  const { arrivals, capacity, outageSeconds, retrySeconds = 0, heldEvents, maxSeconds = TWO_WEEKS } = outage
  const moments: OutageMoment[] = []
  /** Cumulative number of published events by second. */
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

/** The closed form for a constant rate: the spare capacity reduces the backlog. */
export function catchUpSeconds(rate: number, capacity: number, awaySeconds: number): number {
  return rate < capacity ? (awaySeconds * rate) / (capacity - rate) : Infinity
}

/** Events per second over a day: `mean` on average, varied by the fraction `swing` (0 to 1), with the peak in second 0. */
export function dailyArrivals(mean: number, swing: number): (second: number) => number {
  return (second) => mean * (1 + swing * Math.cos((second / 86_400) * 2 * Math.PI))
}
