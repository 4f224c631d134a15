import { describe, expect, test } from 'bun:test'
import { checkConsistency } from '../../../../src/clickhouse/schema/consistency-check.ts'
import { eraseContact } from '../../../../src/clickhouse/access/erase-contact.ts'
import { createEventStore } from '../../../../src/clickhouse/write/event-store.ts'
import { createQueryPort } from '../../../../src/clickhouse/read/query-port.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import { DASHBOARDS } from '../../../support/dashboards/dashboards.ts'
import { FACTS_PROJECTIONS, migrated, project, PROJECTIONS, ENGINE_PATHS } from '../../../support/store/engine.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { blockOf, idsIn, inBlock } from '../../../support/store/event-blocks.ts'

const DATABASE = 'erasure_test'
const DAY_MS = 86_400_000
/** A text that would end a literal if it were not escaped. */
const CONTACT = "o'neill \\"

describe.each(ENGINE_PATHS)('the erasure of a contact on the %s', (_, openStore) => {
  test('removes its rows from all counts, and prevents that repeated events are stored again', async () => {
    const opened = await openStore(DATABASE)
    const events = await migrated(opened)
    const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS
    const row = (index: number, contact: string, tenant = 'a') =>
      rowOf(index, {
        tenant_id: tenant,
        event_type: 'message_sent',
        contact_id: contact,
        campaign_id: 'campaign-1',
        occurred_at: midnight - 2 * DAY_MS + index,
      })
    const theirs = [row(1, CONTACT), row(2, CONTACT)]
    const others = [row(3, 'c'), row(4, 'c'), row(5, CONTACT, 'b')]
    for (const month of Map.groupBy([...theirs, ...others], (one) => events.storePartitionOf(one.occurred_at)).values())
      await events.insertRows(...inBlock(month))

    await project(opened)

    const recalculateMessages = async () => void (await events.recalculateMessages(() => true))
    const options = { database: DATABASE, clock: systemClock, isServiceRunning: false, recalculateMessages }
    const receipt = await eraseContact(opened.store, 'a', CONTACT, options)
    expect(receipt).toMatchObject({ tenantId: 'a', contactId: CONTACT, erasedRows: 2, remainingRows: 0 })

    const port = createQueryPort(opened.store, systemClock, createServiceMetrics())
    const sent = async (tenantId: string) => {
      const range = { start: midnight - 5 * DAY_MS, end: midnight + DAY_MS - 1 }
      const request = { tenantId, range, zone: findTimeZone('UTC')! }
      const { summary } = (await DASHBOARDS.messages(port, request)) as { summary: { sent: number } }
      const campaigns = (await DASHBOARDS.campaigns(port, request)) as { summary: { totalRecipients: number } }
      return [summary.sent, campaigns.summary.totalRecipients]
    }
    expect([await sent('a'), await sent('b')]).toEqual([
      [2, 1],
      [1, 1],
    ])
    expect(
      (await checkConsistency(opened.store.admin, DATABASE, { rules: 1, clock: systemClock, retryMs: 1 })).projections,
    ).toEqual(Object.fromEntries([...PROJECTIONS, ...FACTS_PROJECTIONS].map((name) => [name, 'equal'])))

    // A process that started later receives the events again. Events after the erasure are stored.
    const later = createEventStore(opened.store)
    const afterwards = { ...row(6, CONTACT), occurred_at: receipt.erasedAt + 1 }
    const repeated = blockOf([...theirs, ...others, afterwards])
    const known = await later.findStored(repeated, repeated.allRows())
    expect(idsIn(repeated, known)).toEqual([...theirs, ...others].map(({ id }) => id))

    expect((await eraseContact(opened.store, 'a', CONTACT, options)).erasedRows).toBe(0)
    await opened.close()
  }, 60_000)
})
