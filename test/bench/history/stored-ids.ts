/**
 * `bun stored-ids.ts path`: on a store that `fill-history.ts` created, measures the lookup of new and of stored ids by the index, and by a query that reads the ids of all
 * rows of the tenants of the block. `repeats.ts` measures repeated events. Prints JSON; milliseconds are medians of RUNS.
 */
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { StoredIdFilter } from '../../../src/clickhouse/filter/stored-id-filter.ts'
import { StoredIdIndex } from '../../../src/clickhouse/write/stored-id-index.ts'
import { ByteWriter } from '../../../src/clickhouse/write/byte-writer.ts'
import { deriveEventId } from '../../../src/events/identity.ts'

const RUNS = 5
const MAX_FILTER_BYTES = 1_024 * 1_048_576
const BY_TENANT = `SELECT DISTINCT toString(id) AS stored_id FROM analytics_events
  WHERE tenant_id IN {tenants:Array(String)} AND id IN {ids:Array(UUID)}`

const store = await connectEmbeddedStore({ path: process.argv[2] ?? '', database: 'analytics', readerCount: 1 })
const writer = store.openWriter()
const tenants = Array.from({ length: 50 }, (_, index) => `tenant-${index + 1}`)
let serial = 0
const newIds = async (count: number) =>
  Array.from({ length: count }, () =>
    deriveEventId('tenant-1', String(serial++), { stream: '', sequence: 0, storedAt: 0 }),
  )
const bytesOf = (ids: readonly string[]) => {
  const bytes = new ByteWriter()
  for (const id of ids) bytes.uuid(id)
  return bytes.bytes
}
const scattered = async (count: number) =>
  (
    await store.writer.query<{ id: string }>(
      'SELECT toString(id) AS id FROM analytics_events WHERE cityHash64(id) % 2000 = 7 LIMIT {count:UInt32}',
      { count },
    )
  ).map(({ id }) => id)

async function median(task: () => Promise<unknown>) {
  const times: { ms: number; cpuMs: number }[] = []
  for (let run = 0; run < RUNS; run++) {
    const startedAt = performance.now()
    const usage = process.cpuUsage()
    await task()
    const { user, system } = process.cpuUsage(usage)
    times.push({
      ms: Math.round((performance.now() - startedAt) * 10) / 10,
      cpuMs: Math.round((user + system) / 1_000),
    })
  }
  return times.toSorted((a, b) => a.ms - b.ms)[Math.floor(RUNS / 2)]!
}

const byTenant = (ids: readonly string[]) => store.writer.query(BY_TENANT, { tenants, ids: ids as string[] })
const filter = new StoredIdFilter(MAX_FILTER_BYTES)
const index = new StoredIdIndex(writer, { filter })
const measure = async (count: number, idsOfRun: (count: number) => Promise<string[]>) => {
  const sets = await Promise.all(Array.from({ length: RUNS * 3 }, () => idsOfRun(count)))
  let next = 0
  return {
    byTenant: await median(() => byTenant(sets[next++]!)),
    index: await median(() => index.find(bytesOf(sets[next++]!))),
  }
}
const results: Record<string, unknown> = {}
results['25,000 new, filter not built'] = await measure(25_000, newIds)
const before = performance.now()
const usage = process.cpuUsage()
const rssBefore = process.memoryUsage.rss()
await index.build()
const { user, system } = process.cpuUsage(usage)
results['build'] = {
  seconds: Math.round((performance.now() - before) / 100) / 10,
  cpuSeconds: Math.round((user + system) / 100_000) / 10,
  filterMiB: Math.round(filter.byteCount / 2 ** 20),
  rssGrowthMiB: Math.round((process.memoryUsage.rss() - rssBefore) / 2 ** 20),
}
if (!index.isComplete) throw new Error('The filter was not built.')
for (const count of [100, 2_500, 25_000]) results[`${count} new`] = await measure(count, newIds)
results['candidates of 25,000 new'] = filter.candidates(bytesOf(await newIds(25_000))).length
results['25,000 stored, scattered'] = await measure(25_000, scattered)
const [size] = await store.writer.query<object>(
  `SELECT toInt64(sum(rows)) AS rows, toInt32(count()) AS parts FROM system.parts WHERE database = 'analytics' AND table = 'analytics_events' AND active SETTINGS output_format_json_quote_64bit_integers = 0`,
)
process.stdout.write(`${JSON.stringify({ ...size, ...results }, undefined, 1)}\n`)
await store.close()
process.exit(0)
