import { testFactsAsOf } from '../../../support/store/facts/test-facts.ts'
import { describe, expect, test } from 'bun:test'
import { GRANULARITIES, bucketStarts, localHourStarts } from '../../../../src/analytics/time/buckets.ts'
import { ALL_DASHBOARDS } from '../../../../src/analytics/dashboards/dashboards.ts'
import { resolveTimeRange } from '../../../../src/analytics/time/time-range.ts'
import type { Store, StoreConnection } from '../../../../src/clickhouse/connection/store-connection.ts'
import { createQueryPort } from '../../../../src/clickhouse/read/query-port.ts'
import { SINGLE_SERVER } from '../../../../src/clickhouse/connection/table-topology.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import { ManualClock } from '../../../support/base/manual-clock.ts'

const NOW = Date.UTC(2026, 10, 25, 12)
const ZONE = findTimeZone('Australia/Lord_Howe')!
const TWO_YEARS = resolveTimeRange({ startDate: '2024-11-25', endDate: '2026-11-25' }, '7d', ZONE, NOW)
const REQUEST = { tenantId: 'mine', range: TWO_YEARS, zone: ZONE, limit: 100, minUsage: 1, granularity: 'hour' }

const LIMITS = [
  'max_execution_time = 15',
  'max_memory_usage = 4000000000',
  'max_result_rows = 1000000',
  "result_overflow_mode = 'throw'",
  "timeout_overflow_mode = 'throw'",
  'max_threads = 2',
  'readonly = 2',
]

/** A port over a store that has nothing, and the statements it got. */
function listening() {
  const statements: string[] = []
  const connection: StoreConnection = {
    topology: SINGLE_SERVER,
    query(sql) {
      statements.push(sql)
      return Promise.resolve([])
    },
    command: () => Promise.resolve(),
  }
  const store = { readers: [connection] } as unknown as Store
  return { statements, port: createQueryPort(store, new ManualClock(NOW), createServiceMetrics()) }
}

describe('what a dashboard can cost', () => {
  test.each(ALL_DASHBOARDS.map(({ name, read }) => [name, read] as const))(
    '%s carries every hard limit in the text of each of its statements',
    async (_, read) => {
      const { statements, port } = listening()
      await read(port, { ...REQUEST, facts: testFactsAsOf(NOW) })
      expect(statements.length).toBeGreaterThan(0)
      for (const sql of statements) {
        const settings = sql.slice(sql.lastIndexOf('\nSETTINGS '))
        expect(LIMITS.filter((limit) => !settings.includes(limit))).toEqual([])
      }
    },
  )

  test('is bounded in buckets before there is any SQL: two years have so many hours, and a longer range is refused', () => {
    for (const zone of ['UTC', 'Australia/Lord_Howe', 'America/St_Johns', 'Africa/Casablanca'].map((name) =>
      findTimeZone(name)!,
    )) {
      const range = resolveTimeRange({ startDate: '2024-11-25', endDate: '2026-11-25' }, '7d', zone, NOW)
      for (const granularity of GRANULARITIES)
        expect(bucketStarts(range, granularity, zone).length).toBeLessThanOrEqual(17_600)
      expect(localHourStarts(range, zone).length).toBeLessThanOrEqual(17_600)
      expect(() => resolveTimeRange({ startDate: '2024-11-25', endDate: '2026-11-26' }, '7d', zone, NOW)).toThrow()
    }
  })
})
