import { describe, expect, test } from 'bun:test'
import { systemClock } from '../../../../src/base/clock.ts'
import { runMaintenance } from '../../../../src/clickhouse/schema/maintenance.ts'
import { waitForMutations } from '../../../../src/clickhouse/schema/mutations.ts'
import { migrated, ENGINE_PATHS } from '../../../support/store/engine.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { until } from '../../../support/process/until.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

const DATABASE = 'maintenance_test'
const DAY_MS = 86_400_000

describe.each(ENGINE_PATHS)('the hourly maintenance on the %s', (_, openStore) => {
  test('merges past months, materialises missing projections, and reports the sizes of tenants', async () => {
    const opened = await openStore(DATABASE)
    const events = await migrated(opened)
    const { maintenance, writer } = opened.store
    const run = (graceSeconds = 0) => runMaintenance(maintenance, DATABASE, { tenantCount: 2, graceSeconds })
    expect(await run()).toEqual({
      eventRows: 0,
      eventParts: 0,
      eventBytes: 0,
      nameRows: 0,
      factsRows: 0,
      factsParts: 0,
      factsBytes: 0,
      partsWithoutProjection: 0,
      mergedMonths: [],
      mergedFacts: [],
      largestTenants: [],
    })

    // Two past months: one with many parts, one with few.
    const now = new Date()
    const lastMonth = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 10)
    const row = (index: number, at: number) => rowOf(index, { tenant_id: `t${index % 3}`, occurred_at: at })
    // The engine must not merge the parts by itself before.
    for (const table of ['analytics_events', 'analytics_message_facts'])
      await writer.command(
        `ALTER TABLE ${table} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1`,
      )
    for (let part = 0; part < 6; part++) {
      await events.insertRows(...inBlock([row(part, lastMonth + part)]))
      await events.addToMessages(...inBlock([row(part, lastMonth + part)]))
    }
    for (let part = 6; part < 8; part++) await events.insertRows(...inBlock([row(part, lastMonth - 40 * DAY_MS)]))

    const report = await run()
    expect(report.mergedMonths).toEqual([new Date(lastMonth).toISOString().slice(0, 7).replace('-', '')])
    // The other month was not merged, so its parts have no projections yet.
    expect(report).toMatchObject({ eventRows: 8, factsRows: 6, factsParts: 1, partsWithoutProjection: 2 })
    expect(report.mergedFacts).toHaveLength(1)
    const untilComplete = () =>
      until(async () => (await run()).partsWithoutProjection === 0, 20_000, 'the projections to be materialised')
    await untilComplete()
    // One statement for all projections.
    const mutations = await maintenance.query<{ commands: number }>(
      'SELECT count() AS commands FROM system.mutations WHERE database = {database:String} GROUP BY mutation_id SETTINGS output_format_json_quote_64bit_integers = 0',
      { database: DATABASE },
    )
    expect(mutations).toEqual([{ commands: 4 }])
    expect(report.eventParts).toBeLessThanOrEqual(3)
    expect(report.largestTenants.map(({ tenantId, rows }) => [tenantId, rows])).toEqual([
      ['t0', 3],
      ['t1', 3],
    ])
    expect(Math.abs(report.largestTenants[0]!.bytes - (report.eventBytes * 3) / 8)).toBeLessThan(1)
    expect(await run()).toMatchObject({ mergedMonths: [], mergedFacts: [] })

    await writer.command(
      "ALTER TABLE analytics_events ADD PROJECTION late (SELECT tenant_id, toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') AS day, count() GROUP BY tenant_id, day)",
    )
    expect((await run()).partsWithoutProjection).toBe(report.eventParts)
    await untilComplete()

    // A month of parts with and without projections cannot be merged before they all have them.
    for (let part = 8; part < 13; part++) await events.insertRows(...inBlock([row(part, lastMonth)]))
    expect(await run(3_600)).toMatchObject({ partsWithoutProjection: 0, mergedMonths: [] })
    expect(await run()).toMatchObject({ partsWithoutProjection: 5, mergedMonths: [] })
    await waitForMutations(maintenance, { database: DATABASE, commands: 'MATERIALIZE', clock: systemClock })
    expect((await run()).mergedMonths).toEqual(report.mergedMonths)
    await opened.close()
  }, 60_000)
})
