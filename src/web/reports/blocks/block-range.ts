/** The days that a block is about. */
import { TIME_RANGE_PRESETS } from '../../../analytics/time/time-range.ts'
import { formatDates } from '../../format/dates.ts'
import { messages } from '../../messages/messages.ts'

type Body = Readonly<Record<string, unknown>>

/** The range of a body: a preset, or fixed dates. Undefined for the usual one of its kind. */
export function rangeTextOf(body: Body): string | undefined {
  const preset = presetOf(body)
  if (preset) return messages().dateRange.presets[preset]
  const { startDate, endDate } = body
  if (typeof startDate !== 'string' || typeof endDate !== 'string') return undefined
  return formatDates({ start: startDate.slice(0, 10), end: endDate.slice(0, 10) })
}

export function presetOf({ timeRange }: Body) {
  return TIME_RANGE_PRESETS.find((each) => each === timeRange)
}

/** The body about the days of a preset. */
export function withPreset(body: Body, timeRange: string): Record<string, unknown> {
  const others = Object.entries(body).filter(([name]) => name !== 'startDate' && name !== 'endDate')
  return { ...Object.fromEntries(others), timeRange }
}
