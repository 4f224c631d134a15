/** `bun rows-twin.ts path runs`: milliseconds of every dashboard when the engine may use no projection, over the store that `fill-history.ts` made. */
import { resolveTimeRange } from '../../src/analytics/time-range.ts'
import { connectEmbedded } from '../../src/clickhouse/embedded-store.ts'
import { createQueryPort } from '../../src/clickhouse/query.ts'
import { systemClock } from '../../src/clock.ts'
import { createMetrics } from '../../src/metrics.ts'
import { findZone } from '../../src/zone.ts'
import { DASHBOARDS } from '../support/dashboards.ts'
import { BENCHED, TENANT } from './dashboard-questions.ts'
import { median } from './machine.ts'

const [path = '', runs = '3'] = process.argv.slice(2)
const store = await connectEmbedded({ path, database: 'analytics', readerCount: 4 })
// On the embedded engine a setting stays with its connection.
for (const reader of store.readers) await reader.command('SET optimize_use_projections = 0')
const port = createQueryPort(store, systemClock, createMetrics())
const zone = findZone('UTC')!
const figures: Record<string, number> = {}
for (const { dashboard, timeRange } of BENCHED) {
  const range = resolveTimeRange({ timeRange }, timeRange, zone, Date.now())
  const times: number[] = []
  for (let run = 0; run < Number(runs); run++) {
    const startedAt = performance.now()
    await DASHBOARDS[dashboard](port, { tenantId: TENANT, zone, range })
    times.push(performance.now() - startedAt)
  }
  figures[`${dashboard} ${timeRange}`] = Math.round(median(times))
}
process.stdout.write(JSON.stringify(figures))
await store.close()
process.exit(0)
