import { describe, expect, test } from 'bun:test'
import { createEventStore } from '../../../../src/clickhouse/write/event-store.ts'
import type { EventRow } from '../../../../src/events/event-row.ts'
import { migrated, ENGINE_PATHS, type TestStore } from '../../../support/store/engine.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

const DATABASE = 'surrogate_ids_test'

const sent = (index: number, contact: string | null, fields: Partial<EventRow> = {}) =>
  rowOf(index, { contact_id: contact, campaign_id: 'campaign-1', ...fields })
const step = (index: number, enrollment: string | null, fields: Partial<EventRow> = {}) =>
  rowOf(index, { event_type: 'sequence_step_executed', entity_type: 'sequence', enrollment_id: enrollment, ...fields })

/** The stored surrogate ids, in the order of the rows' indexes. */
async function surrogateIdsOf({ store }: TestStore, tenant = 't1'): Promise<number[]> {
  const rows = await store.writer.query<{ surrogate_id: number }>(
    'SELECT surrogate_id FROM analytics_events WHERE tenant_id = {tenant:String} ORDER BY toString(id)',
    { tenant },
  )
  return rows.map((row) => row.surrogate_id)
}

describe.each(ENGINE_PATHS)('surrogate ids on the %s', (_, openStore) => {
  test('are one per contact and enrollment of a tenant, and 0 in rows that count nothing distinctly', async () => {
    const opened = await openStore(DATABASE)
    const events = await migrated(opened)
    await events.insertRows(
      ...inBlock([
        sent(1, 'x'),
        sent(2, 'y'),
        sent(3, 'x', { campaign_id: 'campaign-2' }),
        // An enrollment with the id of a contact is a different entity.
        step(4, 'x'),
        step(5, 'x'),
        sent(6, null),
        sent(7, 'z', { campaign_id: null }),
        sent(8, 'z', { event_type: 'message_opened' }),
        step(9, null),
      ]),
    )
    expect(await surrogateIdsOf(opened)).toEqual([1, 2, 1, 3, 3, 0, 0, 0, 0])

    await events.insertRows(...inBlock([sent(10, 'x', { tenant_id: 't2' })]))
    expect(await surrogateIdsOf(opened, 't2')).toEqual([1])
    await opened.close()
  }, 60_000)

  test('stay the same in later processes, and are never assigned twice', async () => {
    const opened = await openStore(DATABASE)
    const first = await migrated(opened)
    await first.insertRows(...inBlock([sent(1, 'x'), step(2, 'e')]))
    const second = createEventStore(opened.store)
    await second.open()
    await second.insertRows(...inBlock([sent(3, 'new'), sent(4, 'x'), step(5, 'e')]))
    // After its fence the first writer continues behind the ids of the second.
    await first.fence()
    await first.insertRows(...inBlock([sent(6, 'newer'), sent(7, 'new')]))
    expect(await surrogateIdsOf(opened)).toEqual([1, 2, 3, 1, 2, 4, 3])
    await opened.close()
  }, 60_000)

  test('are stored before the rows, and used when the rows are repeated', async () => {
    const opened = await openStore(DATABASE)
    const events = await migrated(opened)
    // The store rejects the rows after it has stored the surrogate ids.
    const tooLate = sent(1, 'x', { occurred_at: Number.MAX_SAFE_INTEGER + 1 })
    expect(
      await events.insertRows(...inBlock([tooLate, sent(2, 'y')])).catch((error: { kind: string }) => error.kind),
    ).toBe('rejected')
    expect(await surrogateIdsOf(opened)).toEqual([])
    const later = createEventStore(opened.store)
    await later.open()
    await later.insertRows(...inBlock([sent(2, 'y'), sent(3, 'z')]))
    expect(await surrogateIdsOf(opened)).toEqual([2, 3])
    await opened.close()
  }, 60_000)

  test('are stored with a hash of the id, not with the id', async () => {
    const opened = await openStore(DATABASE)
    const events = await migrated(opened)
    await events.insertRows(...inBlock([sent(1, 'ann@example.com')]))
    const rows = await opened.store.writer.query<object>('SELECT * FROM analytics_surrogate_ids')
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain('ann')
    await opened.close()
  }, 60_000)
})
