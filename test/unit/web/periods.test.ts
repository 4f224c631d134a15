import { expect, test } from 'bun:test'
import { resolveTimeRange, TIME_RANGE_PRESETS } from '../../../src/analytics/time/time-range.ts'
import { parseViewState } from '../../../src/web/state/view-state.ts'
import { periodsOf } from '../../../src/web/state/periods.ts'
import { findTimeZone } from '../../../src/base/time-zone.ts'
import { localDay } from '../../support/oracle/zone.ts'

const NOW = Date.parse('2026-03-20T12:07:00Z')

test.each(TIME_RANGE_PRESETS)('%s is compared with as many days before as the service counts', (timeRange) => {
  for (const zone of ['UTC', 'Pacific/Chatham', 'America/New_York']) {
    const { start, end } = resolveTimeRange({ timeRange }, '7d', findTimeZone(zone)!, NOW)
    const days = localDay(end, zone) - localDay(start, zone) + 1
    const { days: compared, previous: before } = periodsOf(
      parseViewState(`?range=${timeRange}&zone=${zone}`, zone),
      NOW,
    )
    expect(compared).toBe(days)
    const earlier = resolveTimeRange(before, '7d', findTimeZone(zone)!, NOW)
    expect(localDay(earlier.start, zone)).toBe(localDay(start, zone) - days)
    // Today is incomplete: the previous period ends at the same time of day, rounded up to a quarter of an hour.
    expect(earlier.end).toBeGreaterThan(NOW - days * 86_400_000 - 3_600_000)
    expect(localDay(earlier.end, zone)).toBe(localDay(NOW, zone) - days)
  }
})
