import { expect, test } from 'bun:test'
import { parseDateTime } from '../../../src/base/date-time.ts'

const WALL = Date.UTC(2026, 0, 31, 9, 30)

test.each([
  ['2026-01-31T09:30', 0, undefined, 60_000],
  ['2026-01-31T09:30:15', 15_000, undefined, 1_000],
  ['2026-01-31T09:30:15.1', 15_100, undefined, 100],
  ['2026-01-31T09:30:15,12Z', 15_120, 0, 10],
  ['2026-01-31t09:30:15.123z', 15_123, 0, 1],
  ['2026-01-31 09:30:15.1239999+01:00', 15_123, 3_600_000, 1],
  ['2026-01-31T09:30+0545', 0, 20_700_000, 60_000],
  ['2026-01-31T09:30-03', 0, -10_800_000, 60_000],
])('%s is read with its offset and its precision', (text, behindMs, offsetMs, precisionMs) => {
  expect(parseDateTime(text)).toEqual({ wallTimeMs: WALL + behindMs, offsetMs, precisionMs })
})
