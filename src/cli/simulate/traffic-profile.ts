import { HOUR_MS } from '../duration.ts'

/** Relative traffic by hour of the day (UTC), midnight first. */
const HOUR_WEIGHTS = [2, 1, 1, 1, 1, 2, 4, 7, 10, 13, 14, 12, 10, 11, 13, 13, 12, 11, 10, 9, 8, 7, 5, 3]
/** Relative traffic by day of the week, Sunday first. */
const WEEKDAY_WEIGHTS = [0.35, 1, 1.15, 1.1, 1.1, 0.95, 0.45]

/**
 * Distributes events over a time range as office hours do, with few at night and at weekends: `instantAt(position)` is the instant (whole epoch milliseconds) before which
 * that share (0 to 1) of the events lies.
 */
export class TrafficProfile {
  private readonly hours: { startMs: number; endMs: number; doneBefore: number; doneAfter: number }[] = []

  constructor(startMs: number, endMs: number) {
    let done = 0
    for (let hourStart = Math.floor(startMs / HOUR_MS) * HOUR_MS; hourStart < endMs; hourStart += HOUR_MS) {
      const from = Math.max(hourStart, startMs)
      const to = Math.min(hourStart + HOUR_MS, endMs)
      const date = new Date(hourStart)
      const weight = (HOUR_WEIGHTS[date.getUTCHours()] ?? 1) * (WEEKDAY_WEIGHTS[date.getUTCDay()] ?? 1)
      const doneBefore = done
      done += (weight * (to - from)) / HOUR_MS
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
    if (!hour) throw new RangeError('a traffic profile needs a time range')
    const part = (targetWeight - hour.doneBefore) / (hour.doneAfter - hour.doneBefore)
    return Math.floor(hour.startMs + Math.min(1, part) * (hour.endMs - hour.startMs))
  }
}
