import { type Granularity, mondayBasedWeekday } from '../../../analytics/time/buckets.ts'
import { findTimeZone } from '../../../base/time-zone.ts'
import { wholeHourFormat } from '../../format/dates.ts'
import { dateFormat } from '../../format/locale.ts'

/** A labelled bucket of the time axis. */
export interface Tick {
  readonly index: number
  /** One or two lines. */
  readonly label: string
}

interface Bucket {
  readonly index: number
  readonly start: number
  /** The local wall time, to be read as UTC. */
  readonly local: Date
}

interface TickStep {
  readonly accepts: (bucket: Bucket) => boolean
  readonly unit: 'hour' | 'day' | 'month'
}

const everyIndex = (step: number, unit: TickStep['unit'] = 'day'): TickStep => ({
  accepts: ({ index }) => index % step === 0,
  unit,
})
const everyHour = (step: number): TickStep => ({
  accepts: ({ local }) => local.getUTCHours() % step === 0,
  unit: 'hour',
})
const everyMidnight = (step: number): TickStep => ({
  accepts: ({ local }) => local.getUTCHours() === 0 && Math.floor(local.getTime() / 86_400_000) % step === 0,
  unit: 'day',
})
const MONDAYS: TickStep = { accepts: ({ local }) => mondayBasedWeekday(local) === 0, unit: 'day' }
const everyMonth = (step: number): TickStep => ({
  accepts: ({ local }) => local.getUTCDate() === 1 && local.getUTCHours() === 0 && local.getUTCMonth() % step === 0,
  unit: 'month',
})

/** The steps of the ticks, from dense to sparse. */
const STEPS: Readonly<Record<Granularity, readonly TickStep[]>> = {
  hour: [...[1, 2, 3, 6, 12].map(everyHour), ...[1, 2, 4, 7, 14, 28].map(everyMidnight), ...[1, 3, 6].map(everyMonth)],
  day: [...[1, 2, 3, 4].map((step) => everyIndex(step)), MONDAYS, ...[1, 2, 3, 6, 12].map(everyMonth)],
  week: [1, 2, 4, 8, 13, 26, 39, 52].map((step) => everyIndex(step)),
  month: [1, 2, 3, 6, 12].map(everyMonth),
}

/**
 * The labels of the time axis, at most `maxCount`. Every tick is the start of a bucket. A second line names the day of hours and the year of days where they change.
 */
export function timeTicks(
  starts: readonly number[],
  granularity: Granularity,
  timeZone: string,
  maxCount: number,
): Tick[] {
  const zone = findTimeZone(timeZone)!
  const buckets = starts.map<Bucket>((start, index) => ({ index, start, local: zone.wallTime(start) }))
  const candidates = STEPS[granularity].map((step) => ({ ...step, ticks: buckets.filter(step.accepts) }))
  const fitting = candidates.find(({ ticks }) => ticks.length <= maxCount && ticks.length > 0)
  // A short range may contain no round bucket, and then its first bucket is named.
  const { ticks, unit } = fitting ?? { ticks: buckets.slice(0, 1), unit: granularity === 'hour' ? 'hour' : 'day' }
  const years = new Set(buckets.map(({ local }) => local.getUTCFullYear()))
  const format = unit === 'hour' ? wholeHourFormat(timeZone) : dateFormat({ ...FORMATS[unit], timeZone })
  const formatSecondLine = dateFormat({ ...SECOND_LINES[unit], timeZone })
  let shown = ''
  return ticks.map(({ index, start }) => {
    const second = unit === 'day' && years.size === 1 ? '' : formatSecondLine.format(start)
    const isNew = second !== shown
    shown = second
    return { index, label: format.format(start) + (isNew ? `\n${second}` : '') }
  })
}

const FORMATS: Readonly<Record<'day' | 'month', Intl.DateTimeFormatOptions>> = {
  day: { day: 'numeric', month: 'short' },
  month: { month: 'short' },
}
const SECOND_LINES: Readonly<Record<TickStep['unit'], Intl.DateTimeFormatOptions>> = {
  hour: { day: 'numeric', month: 'short' },
  day: { year: 'numeric' },
  month: { year: 'numeric' },
}
