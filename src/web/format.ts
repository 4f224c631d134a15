import type { Granularity } from '../analytics/buckets.ts'

const counts = new Intl.NumberFormat('en')
const rates = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const parts = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

export const formatCount = (count: number) => counts.format(count)
export const formatRate = (rate: number) => `${rates.format(rate)} %`
/** 12,300 → 12.3K, for axes. */
export const formatShort = (count: number) => short.format(count)

/** How a number differs from the one before. */
export interface Change {
  readonly direction: 'up' | 'down' | 'same'
  /** "12.3 %", "0.4 pts", or empty where there is nothing to say. */
  readonly size: string
  /** The whole as a sentence. */
  readonly sentence: string
}

/** Counts change by a part of what they were, rates by points. */
export function changeOf(now: number, before: number, kind: 'count' | 'rate'): Change {
  const direction = now > before ? 'up' : now < before ? 'down' : 'same'
  const was = kind === 'rate' ? formatRate(before) : formatCount(before)
  if (direction === 'same') return { direction, size: '', sentence: `The same as before: ${was}` }
  const difference = Math.abs(now - before)
  if (kind === 'count' && before === 0) return { direction, size: 'new', sentence: 'Up from none before' }
  const size = kind === 'rate' ? `${rates.format(difference)} pts` : partOf(difference, before)
  return { direction, size, sentence: `${direction === 'up' ? 'Up' : 'Down'} ${size}, from ${was} before` }
}

function partOf(difference: number, before: number): string {
  const percent = (difference / before) * 100
  if (percent >= 1000) return `${counts.format(Math.round(percent / 100) + 1)} times`
  return `${percent >= 100 ? Math.round(percent) : parts.format(percent)} %`
}

const FIELDS: Readonly<Record<Granularity, Intl.DateTimeFormatOptions>> = {
  hour: { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  day: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  week: { day: 'numeric', month: 'short', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
}

/** The name of a bucket by its start (epoch milliseconds). */
export function bucketNamer(granularity: Granularity, timeZone: string): (start: number) => string {
  const format = new Intl.DateTimeFormat('en-GB', { ...FIELDS[granularity], timeZone, hourCycle: 'h23' })
  const prefix = granularity === 'week' ? 'Week of ' : ''
  return (start) => prefix + format.format(start)
}

/** "17 – 24 Nov 2026" of two instants. */
export function formatRange(start: number, end: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone }).formatRange(start, end)
}

export function formatTime(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone }).format(Date.parse(instant))
}
