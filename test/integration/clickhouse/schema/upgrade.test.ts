import { describe, expect, test } from 'bun:test'
import { EVENT_COLUMNS, createEventStore } from '../../../../src/clickhouse/write/event-store.ts'
import { migrate } from '../../../../src/clickhouse/schema/migrate.ts'
import { encodeBlock } from '../../../../src/clickhouse/write/native-block.ts'
import { createQueryPort } from '../../../../src/clickhouse/read/query-port.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import type { EventRow } from '../../../../src/events/event-row.ts'
import { readMigrations } from '../../../../src/host/project-files.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import { DASHBOARDS } from '../../../support/dashboards/dashboards.ts'
import { STORE_PATHS } from '../../../support/store/engine.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { silentLogger } from '../../../support/base/silent-logger.ts'

const DATABASE = 'upgrade_test'
/** The last migration before rows had a member's number. */
const BEFORE = '0013'
const DAY_MS = 86_400_000
const MIDNIGHT = Math.floor(Date.now() / DAY_MS) * DAY_MS

/** Twelve days of a campaign to 30 contacts, and 20 enrollments of three steps. */
const ROWS: readonly EventRow[] = Array.from({ length: 300 }, (_, index) => {
  const occurred_at = MIDNIGHT - (1 + (index % 12)) * DAY_MS + index
  return index % 2 === 0
    ? rowOf(index, { occurred_at, campaign_id: 'campaign-1', contact_id: `contact-${index % 30}` })
    : rowOf(index, {
        occurred_at,
        event_type: index % 7 === 0 ? 'sequence_enrollment_completed' : 'sequence_step_executed',
        entity_type: 'sequence',
        channel: '',
        sequence_id: 'sequence-1',
        enrollment_id: `enrollment-${index % 20}`,
        step_number: 1 + (index % 3),
      })
})

describe.each(STORE_PATHS)('a database of the version before, on the %s', (_, openStore) => {
  test('is counted distinctly in full once it is migrated, killed in the middle too, and goes on with the same numbers', async () => {
    const opened = await openStore(DATABASE)
    const { admin } = opened.store
    const writer = opened.store.openWriter()
    const all = readMigrations()
    const apply = (migrations: typeof all) => migrate(admin, DATABASE, migrations, silentLogger)
    await apply(all.filter(({ name }) => name.slice(0, 4) <= BEFORE))
    for (const month of Map.groupBy(ROWS, (row) => new Date(row.occurred_at).getUTCMonth()).values())
      await writer.insert({ table: 'analytics_events', columns: EVENT_COLUMNS }, encodeBlock(EVENT_COLUMNS, month))
    // Numbers were given, but the start was killed before the ledger knew of it and before the rows had them.
    await apply(all.filter(({ name }) => name.slice(0, 4) <= '0015'))
    await admin.command(all.find(({ name }) => name.startsWith('0016'))!.sql, { database: DATABASE })
    await apply(all)

    const port = createQueryPort(opened.store, systemClock, createServiceMetrics())
    const request = {
      tenantId: 't1',
      zone: findTimeZone('UTC')!,
      range: { start: MIDNIGHT - 20 * DAY_MS, end: MIDNIGHT + DAY_MS - 1 },
    }
    const distinct = async () => {
      const campaigns = (await DASHBOARDS.campaigns(port, request)) as { summary: { totalRecipients: number } }
      const sequences = (await DASHBOARDS.sequences(port, request)) as {
        summary: { totalEnrollments: number; completedEnrollments: number }
      }
      const { totalEnrollments, completedEnrollments } = sequences.summary
      return { recipients: campaigns.summary.totalRecipients, totalEnrollments, completedEnrollments }
    }
    const count = (rows: readonly EventRow[], id: 'contact_id' | 'enrollment_id') =>
      new Set(rows.map((row) => row[id]).filter((one) => one !== null)).size
    const completed = ROWS.filter(({ event_type }) => event_type === 'sequence_enrollment_completed')
    const expected = {
      recipients: count(ROWS, 'contact_id'),
      totalEnrollments: count(ROWS, 'enrollment_id'),
      completedEnrollments: count(completed, 'enrollment_id'),
    }
    expect(await distinct()).toEqual(expected)

    // Who was there before is recognised; who is new is new.
    const events = createEventStore(opened.store)
    await events.open()
    const [known, another] = [ROWS[0]!, ROWS[1]!]
    await events.insertRows([
      { ...known, id: rowOf(1_001).id, occurred_at: MIDNIGHT },
      { ...another, id: rowOf(1_002).id, occurred_at: MIDNIGHT },
      { ...known, id: rowOf(1_003).id, occurred_at: MIDNIGHT, contact_id: 'a new one' },
    ])
    expect(await distinct()).toEqual({ ...expected, recipients: expected.recipients + 1 })
    await opened.close()
  }, 90_000)
})
