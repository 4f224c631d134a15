import { describe, expect, test } from 'bun:test'
import { parseBackfill, type SimulateCommandLine, simulateOptionsOf } from '../../../../src/cli/simulate/options.ts'

const DAY_MS = 86_400_000
const COMMAND_LINE: SimulateCommandLine = { rate: 200, tenants: 20, seed: 7 }

describe('the options of simulate', () => {
  test('are one live minute without a history by default', () => {
    expect(simulateOptionsOf(COMMAND_LINE)).toEqual({
      ratePerSecond: 200,
      tenantCount: 20,
      liveMs: 60_000,
      backfill: undefined,
      seed: 7,
    })
  })

  test.each([
    ['24h', DAY_MS, 4_000],
    ['90d', 90 * DAY_MS, 360_000],
    ['12w', 84 * DAY_MS, 336_000],
    ['728d', 728 * DAY_MS, 2_000_000],
  ])('with a history of %s have no live part and the default number of events', (span, spanMs, eventCount) => {
    const backfill = parseBackfill(span)!
    expect(simulateOptionsOf({ ...COMMAND_LINE, backfill })).toMatchObject({
      liveMs: undefined,
      backfill: { spanMs, eventCount },
    })
  })

  test('have a live part after a history when a duration is given, without an end for 0', () => {
    expect(simulateOptionsOf({ ...COMMAND_LINE, backfill: DAY_MS, duration: 5, backfillEvents: 12 })).toMatchObject({
      liveMs: 5_000,
      backfill: { eventCount: 12 },
    })
    expect(simulateOptionsOf({ ...COMMAND_LINE, duration: 0 })).toMatchObject({ liveMs: Infinity })
  })

  test.each(['0d', '729d', '3m', '90', 'd', '-1d', '1.5d'])('reject a history of %s', (span) => {
    expect(parseBackfill(span)).toBeUndefined()
  })
})
