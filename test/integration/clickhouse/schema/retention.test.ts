import { describe, expect, test } from 'bun:test'
import { systemClock } from '../../../../src/base/clock.ts'
import { checkConsistency } from '../../../../src/clickhouse/schema/consistency-check.ts'
import { ENGINE_PATHS, FACTS_PROJECTIONS, migrated, project, PROJECTIONS } from '../../../support/store/engine.ts'
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

describe.each(ENGINE_PATHS)('retention on the %s', (_, openStore) => {
  test('drops the facts of messages by whole months, so that no row expires before the one that removes it', async () => {
    const opened = await openStore(DATABASE)
    const events = await migrated(opened)
    const add = (index: number, event_type: string, occurred_at: number) =>
      events.addToMessages(...inBlock([rowOf(index, { event_type, entity_id: `m${occurred_at}`, occurred_at })]))
    const limit = twoYearsAgo()
    const expired = limit - 40 * DAY_MS
    // The month of the limit contains expired sendings, which stay until its last one expires.
    for (const sentAt of [expired, expired + DAY_MS, limit - MINUTE_MS, Date.now()])
      for (const [index, type] of ['message_sent', 'message_delivered'].entries())
        await add(index, type, sentAt).then(() => add(2, 'message_opened', sentAt))
    const { writer } = opened.store
    const messages = async () => {
      const [row] = await writer.query<{ sum: number; negative: number }>(
        `SELECT toInt32(sum(signs)) AS sum, toInt32(countIf(signs < 0)) AS negative
        FROM (SELECT sum(sign) AS signs FROM analytics_message_facts GROUP BY message_id, sent_at, state)`,
      )
      return [row!.sum, row!.negative]
    }
    await until(
      async () => {
        await writer.command('OPTIMIZE TABLE analytics_message_facts')
        const [sum, negative] = await messages()
        expect(negative).toBe(0)
        return sum === 2
      },
      30_000,
      'the facts of the expired month to be dropped',
    )
    await writer.command('OPTIMIZE TABLE analytics_message_facts FINAL')
    expect(await messages()).toEqual([2, 0])
    await opened.close()
  }, 60_000)

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
    expect(
      (await checkConsistency(writer, DATABASE, { rules: 1, clock: systemClock, retryMs: 1 })).projections,
    ).toEqual(Object.fromEntries([...PROJECTIONS, ...FACTS_PROJECTIONS].map((name) => [name, 'equal'])))
    await opened.close()
  }, 700_000)
})
