/**
 * `bun rows-twin.ts path runs`: measures every dashboard without projections, in milliseconds, on the store that `fill-history.ts` created. Fails when a response differs
 * from the one with projections, or a distinct count from a count of the ids themselves.
 */
import { isDeepStrictEqual } from 'node:util'
import type { DashboardRequest } from '../../../src/analytics/define-dashboard.ts'
import { resolveTimeRange } from '../../../src/analytics/time/time-range.ts'
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { createQueryPort } from '../../../src/clickhouse/read/query-port.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { findTimeZone } from '../../../src/base/time-zone.ts'
import { DASHBOARDS } from '../../support/dashboards/dashboards.ts'
import { BENCHED, TENANT } from './dashboard-questions.ts'
import { median } from '../measure/machine.ts'

const [path = '', runs = '3'] = process.argv.slice(2)
const store = await connectEmbeddedStore({ path, database: 'analytics', readerCount: 4 })
const portOf = (readers: typeof store.readers) =>
  createQueryPort({ ...store, readers }, systemClock, createServiceMetrics())
const [, , ...rowReaders] = store.readers
// On the embedded engine a setting persists on its connection.
for (const reader of rowReaders) await reader.command('SET optimize_use_projections = 0')
const ofRows = portOf(rowReaders)
const ofProjections = portOf(store.readers.slice(0, 2))

/** Counts of recipients and enrollments in the range, by their ids. */
async function countIds({ tenantId, range }: DashboardRequest): Promise<[number, number]> {
  const sql = `
    SELECT toFloat64(uniqExactIf((campaign_id, contact_id), event_type = 'message_sent' AND campaign_id IS NOT NULL AND contact_id IS NOT NULL)) AS recipients,
      toFloat64(uniqExactIf(enrollment_id, startsWith(event_type, 'sequence_'))) AS enrollments
    FROM analytics_events WHERE tenant_id = {tenant:String} AND toUnixTimestamp64Milli(occurred_at) BETWEEN {start:Int64} AND {end:Int64}`
  const [row] = await rowReaders[0]!.query<{ recipients: number; enrollments: number }>(sql, {
    ...range,
    tenant: tenantId,
  })
  return [row!.recipients, row!.enrollments]
}

const zone = findTimeZone('UTC')!
const figures: Record<string, number> = {}
for (const { dashboard, timeRange } of BENCHED) {
  const range = resolveTimeRange({ timeRange }, timeRange, zone, Date.now())
  const request = { tenantId: TENANT, zone, range }
  const times: number[] = []
  let answer: unknown
  for (let run = 0; run < Number(runs); run++) {
    const startedAt = performance.now()
    answer = await DASHBOARDS[dashboard](ofRows, request)
    times.push(performance.now() - startedAt)
  }
  if (!isDeepStrictEqual(answer, await DASHBOARDS[dashboard](ofProjections, request)))
    throw new Error(`${dashboard} ${timeRange}: rows and projections disagree.`)
  const { summary } = answer as { summary?: { totalRecipients?: number; totalEnrollments?: number } }
  const [recipients, enrollments] = await countIds(request)
  if (
    (summary?.totalRecipients ?? recipients) !== recipients ||
    (summary?.totalEnrollments ?? enrollments) !== enrollments
  )
    throw new Error(`${dashboard} ${timeRange}: a distinct count is not that of the ids.`)
  figures[`${dashboard} ${timeRange}`] = Math.round(median(times))
}
process.stdout.write(JSON.stringify(figures))
await store.close()
process.exit(0)
