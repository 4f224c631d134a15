import { hourMs } from './scenarios/scenario-context.ts'

/** How busy an hour of the day is (UTC), midnight first. */
const hourWeights = [2, 1, 1, 1, 1, 2, 4, 7, 10, 13, 14, 12, 10, 11, 13, 13, 12, 11, 10, 9, 8, 7, 5, 3]
/** How busy a day of the week is, Sunday first. */
const weekdayWeights = [0.35, 1, 1.15, 1.1, 1.1, 0.95, 0.45]

/**
 * Spreads work over a past stretch of time the way offices do: `at(position)` is the instant (whole epoch milliseconds) by which that part
 * (0 to 1) of the work is done. Nights and weekends pass with little of it.
 */
export class TrafficProfile {
  private readonly hours: { startMs: number; endMs: number; doneBefore: number; doneAfter: number }[] = []

  constructor(startMs: number, endMs: number) {
    let done = 0
    for (let hourStart = Math.floor(startMs / hourMs) * hourMs; hourStart < endMs; hourStart += hourMs) {
      const from = Math.max(hourStart, startMs)
      const to = Math.min(hourStart + hourMs, endMs)
      const date = new Date(hourStart)
      const weight = (hourWeights[date.getUTCHours()] ?? 1) * (weekdayWeights[date.getUTCDay()] ?? 1)
      const doneBefore = done
      done += (weight * (to - from)) / hourMs
      this.hours.push({ startMs: from, endMs: to, doneBefore, doneAfter: done })
    }
  }

  instantAt(position: number): number {
    const { hours } = this
    const targetWeight = position * (hours.at(-1)?.doneAfter ?? 0)
    let low = 0
    let high = hours.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((hours[middle]?.doneAfter ?? 0) > targetWeight) high = middle
      else low = middle + 1
    }
    const hour = hours[low]
    if (!hour) throw new RangeError('a rhythm needs a stretch of time')
    const part = (targetWeight - hour.doneBefore) / (hour.doneAfter - hour.doneBefore)
    return Math.floor(hour.startMs + Math.min(1, part) * (hour.endMs - hour.startMs))
  }
}
