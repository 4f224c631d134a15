import { describe, expect, test } from 'bun:test'
import { systemClock } from '../../../../src/base/clock.ts'
import { checkConsistency } from '../../../../src/clickhouse/schema/consistency-check.ts'
import { FACTS_PROJECTIONS, migrated, project, PROJECTIONS, ENGINE_PATHS } from '../../../support/store/engine.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

const HOUR_MS = 3_600_000
const DATABASE = 'consistency_test'
const equal = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 'equal' as const]))
const EQUAL = equal([...PROJECTIONS, ...FACTS_PROJECTIONS])
const SAME_MESSAGES = { verdict: 'equal' as const, differences: [] }
/** The events of a message differ in the first half of their ids. */
const idOf = (index: number) => `${index.toString(16).padStart(8, '0')}-0000-5000-8000-000000000000`

describe.each(ENGINE_PATHS)('the consistency check on the %s', (_, openStore) => {
  test('compares projections with rows, facts with events, counts duplicate ids, and never compares rows with themselves', async () => {
    const opened = await openStore(DATABASE)
    const events = await migrated(opened)
    const { admin } = opened.store
    const check = () => checkConsistency(admin, DATABASE, { rules: 1, clock: systemClock, retryMs: 1 })
    expect(await check()).toEqual({ rows: 0, projections: EQUAL, duplicateIds: 0, messages: SAME_MESSAGES })

    const rows = Array.from({ length: 3_000 }, (__, index) =>
      rowOf(index, {
        id: idOf(index),
        tenant_id: `t${index % 3}`,
        event_type: ['message_sent', 'message_delivered', 'message_opened'][index % 4] ?? 'message_clicked',
        entity_id: `m${index % 900}`,
        occurred_at: Date.now() - (2 + (index % 400)) * HOUR_MS,
      }),
    )
    const months = Map.groupBy(rows, (row) => events.storePartitionOf(row.occurred_at))
    for (const month of months.values()) {
      await events.insertRows(...inBlock(month))
      await events.addToMessages(...inBlock(month))
    }
    const early = (await check()).projections
    expect(Object.fromEntries(PROJECTIONS.map((name) => [name, early[name]]))).toEqual(
      Object.fromEntries(PROJECTIONS.map((name) => [name, 'undecided'])),
    )
    await project(opened)
    expect(await check()).toEqual({ rows: 3_000, projections: EQUAL, duplicateIds: 0, messages: SAME_MESSAGES })

    await events.insertRows(...inBlock([rows[0]!]))
    expect(await check()).toEqual({ rows: 3_001, projections: EQUAL, duplicateIds: 1, messages: SAME_MESSAGES })

    // Facts that miss an event, and facts that are counted twice.
    const opened3000 = { ...rows[0]!, id: idOf(3_000), event_type: 'message_opened' }
    await events.insertRows(...inBlock([opened3000]))
    await admin.command(
      `INSERT INTO {database:Identifier}.analytics_message_facts SELECT * FROM {database:Identifier}.analytics_message_facts WHERE tenant_id = 't0' AND sent_at = (SELECT max(sent_at) FROM {database:Identifier}.analytics_message_facts WHERE tenant_id = 't0' AND bitTest(state, 0))`,
      { database: DATABASE },
    )
    const { verdict, differences } = (await check()).messages
    expect([verdict, differences.length > 0]).toEqual(['unequal', true])
    expect(differences.join()).toMatch(/tenant t0, month \d{6}: messages \d+ instead of \d+/)
    expect(differences.join()).toMatch(/opens \d+ instead of \d+/)

    // Control: a projection without parts is undecided, although its query on the rows would return equal results.
    await admin.command(
      `ALTER TABLE {database:Identifier}.analytics_events ADD PROJECTION empty_yet
       (SELECT tenant_id, toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') AS day, count() GROUP BY tenant_id, day)`,
      { database: DATABASE },
    )
    expect((await check()).projections).toEqual({ ...EQUAL, empty_yet: 'undecided' })
    await opened.close()
  }, 60_000)
})
