import { describe, expect, test } from 'bun:test'
import { checkConsistency } from '../../../../src/clickhouse/schema/consistency-check.ts'
import { migrated, project, PROJECTIONS, STORE_PATHS } from '../../../support/store/engine.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { until } from '../../../support/process/until.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

const DATABASE = 'retention_test'
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

function twoYearsAgo(): number {
  const date = new Date()
  return date.setUTCFullYear(date.getUTCFullYear() - 2)
}

describe.each(STORE_PATHS)('retention on the %s', (_, openStore) => {
  test('drops a part once all its rows are two years old, and removes other expired rows by a merge', async () => {
    const opened = await openStore(DATABASE)
    const events = await migrated(opened)
    // One partition has to contain an expired row and a current one, which is impossible for a few minutes per month.
    const straddles = (at: number) =>
      events.storePartitionOf(at - MINUTE_MS) === events.storePartitionOf(at + 5 * MINUTE_MS)
    await until(() => straddles(twoYearsAgo()), 10 * MINUTE_MS, 'a month with both sides of the limit')
    const limit = twoYearsAgo()
    const row = (index: number, occurred_at: number) => rowOf(index, { occurred_at })
    const mixed = [row(3, limit - MINUTE_MS), row(4, limit + 5 * MINUTE_MS)]
    const recent = [row(5, Date.now())]
    await events.insertRows(...inBlock([row(1, limit - 40 * DAY_MS), row(2, limit - 40 * DAY_MS + 1)]))
    await events.insertRows(...inBlock(mixed))
    await events.insertRows(...inBlock(recent))

    const { writer } = opened.store
    const ids = async () => {
      const rows = await writer.query<{ id: string }>('SELECT toString(id) AS id FROM analytics_events ORDER BY id')
      return rows.map(({ id }) => id)
    }
    // The engine looks for expired parts when it selects merges, which this statement triggers.
    await until(
      async () => {
        await writer.command('OPTIMIZE TABLE analytics_events')
        return (await ids()).length <= 3
      },
      30_000,
      'the expired part to be dropped',
    )
    expect(await ids()).toEqual([...mixed, ...recent].map(({ id }) => id))

    // A merge removes expired rows from the part and from its projections.
    await project(opened)
    await writer.command('OPTIMIZE TABLE analytics_events FINAL')
    expect(await ids()).toEqual([...mixed.slice(1), ...recent].map(({ id }) => id))
    expect((await checkConsistency(writer, DATABASE)).projections).toEqual(
      Object.fromEntries(PROJECTIONS.map((name) => [name, 'equal'])),
    )
    await opened.close()
  }, 700_000)
})
