import { expect, test } from 'bun:test'
import { resolveTimeRange, TIME_RANGE_PRESETS } from '../../../../src/analytics/time/time-range.ts'
import { parseViewState } from '../../../../src/web/state/view-state.ts'
import { datesBefore, datesOf, daysOf } from '../../../../src/web/state/periods.ts'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import { localDay } from '../../../support/oracle/zone.ts'

const NOW = Date.parse('2026-03-20T12:07:00Z')

test.each(TIME_RANGE_PRESETS)('%s has as many days as the service counts', (timeRange) => {
  for (const zone of ['UTC', 'Pacific/Chatham', 'America/New_York']) {
    const { start, end } = resolveTimeRange({ timeRange }, '7d', findTimeZone(zone)!, NOW)
    const days = localDay(end, zone) - localDay(start, zone) + 1
    expect(daysOf(datesOf(parseViewState(`?range=${timeRange}&zone=${zone}`, zone), NOW))).toBe(days)
  }
})

test('the days before a range are as many, and end the day before it', () => {
  expect(datesBefore({ start: '2026-03-01', end: '2026-03-08' })).toEqual({ start: '2026-02-21', end: '2026-02-28' })
})
