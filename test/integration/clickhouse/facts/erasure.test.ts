import { describe, expect, test } from 'bun:test'
import { eraseContact } from '../../../../src/clickhouse/access/erase-contact.ts'
import { createEventStore } from '../../../../src/clickhouse/write/event-store.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import type { EventRow } from '../../../../src/events/event-row.ts'
import { migrated, openEmbeddedStore, ENGINE_PATHS, type TestStore } from '../../../support/store/engine.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import {
  eventsOfMessages,
  factsOfMessages,
  factsDifferences,
  type StoredEvent,
  type StoredFacts,
} from '../../../support/oracle/stored-facts.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

const DATABASE = 'facts_erasure_test'
const DAY_MS = 86_400_000
const START = Date.parse('2026-03-30T00:00:00.000Z')

/** One message per element: of the contact alone; with events of two contacts; first sent to the contact and, in another month, to another one; without the contact. */
const MESSAGES: readonly (readonly [kind: string, contact: string | null, days: number])[][] = [
  [
    ['sent', 'erased', 0],
    ['delivered', 'erased', 0.1],
    ['opened', 'erased', 1],
  ],
  [
    ['sent', 'kept', 0],
    ['delivered', null, 0.1],
    ['opened', 'erased', 1],
    ['clicked', 'kept', 1.5],
  ],
  [
    ['sent', 'erased', 0],
    ['sent', 'kept', 5],
    ['opened', 'kept', 6],
  ],
  [
    ['sent', 'kept', 0],
    ['bounced', 'kept', 0.1],
  ],
]

const ROWS: readonly EventRow[] = MESSAGES.flatMap((events, message) =>
  events.map(([kind, contact_id, days], index) =>
    rowOf(0, {
      id: `0000${message}${index}00-0000-5000-8000-000000000000`,
      tenant_id: 'a',
      event_type: `message_${kind}`,
      entity_id: `m${message}`,
      contact_id,
      campaign_id: `campaign-${contact_id}`,
      metadata: '{"ua":"Mozilla/5.0 (iPhone)"}',
      occurred_at: START + days * DAY_MS,
    }),
  ),
)

async function differencesIn({ store }: TestStore): Promise<string[]> {
  return factsDifferences(
    await store.writer.query<StoredEvent>(eventsOfMessages()),
    await store.writer.query<StoredFacts>(factsOfMessages()),
  )
}

async function openWithMessages(opened: TestStore) {
  const events = await migrated(opened)
  for (const month of Map.groupBy(ROWS, (row) => events.storePartitionOf(row.occurred_at)).values()) {
    await events.insertRows(...inBlock(month))
    await events.addToMessages(...inBlock(month))
  }
  expect(await differencesIn(opened)).toEqual([])
  return events
}

const everyTenant = () => true
const OPTIONS = { database: DATABASE, clock: systemClock, isServiceRunning: false }

describe.each(ENGINE_PATHS)('the facts of messages after an erasure on the %s', (_, openStore) => {
  test('are what the remaining events say; a repeated erasure changes nothing', async () => {
    const opened = await openStore(DATABASE)
    const events = await openWithMessages(opened)
    const recalculateMessages = async () => void (await events.recalculateMessages(everyTenant))
    const erase = () => eraseContact(opened.store, 'a', 'erased', { ...OPTIONS, recalculateMessages })
    expect(await erase()).toMatchObject({ erasedRows: 5, remainingRows: 0, remainingMessages: 0 })
    expect(await differencesIn(opened)).toEqual([])
    const facts = await opened.store.writer.query<StoredFacts>(factsOfMessages())
    const byId = facts.toSorted((a, b) => (a.message_id < b.message_id ? -1 : 1))
    expect(byId.map(({ message_id, at, campaign_id }) => [message_id, at, campaign_id])).toEqual([
      ['m1', START, 'campaign-kept'],
      ['m2', START + 5 * DAY_MS, 'campaign-kept'],
      ['m3', START, 'campaign-kept'],
    ])

    // Repeated events of the contact, also those that a lookup found before they were deleted, change nothing.
    const [block, rows] = inBlock(ROWS.filter(({ contact_id }) => contact_id === 'erased'))
    await events.addToMessages(block, new Uint32Array(), rows)
    expect(await erase()).toMatchObject({ erasedRows: 0, remainingRows: 0, remainingMessages: 0 })
    expect([await differencesIn(opened), await events.recalculateMessages(everyTenant)]).toEqual([[], []])
    await opened.close()
  }, 60_000)
})

describe('an erasure that was stopped', () => {
  /** Stops before the statement that matches. */
  const stoppedBefore = ({ store }: TestStore, pattern: RegExp) => ({
    ...store,
    writer: {
      ...store.writer,
      topology: store.writer.topology,
      query: <Row>(...args: Parameters<typeof store.writer.query>) => store.writer.query<Row>(...args),
      async command(...[sql, parameters]: Parameters<typeof store.writer.command>) {
        if (pattern.test(sql)) throw new Error('stopped')
        await store.writer.command(sql, parameters)
      },
    },
  })

  test('after the deletion is completed by the service alone', async () => {
    const opened = await openEmbeddedStore(DATABASE)
    await openWithMessages(opened)
    const recalculateMessages = () => Promise.reject(new Error('stopped'))
    const erasure = eraseContact(opened.store, 'a', 'erased', { ...OPTIONS, recalculateMessages })
    expect(await erasure.catch(String)).toBe('Error: stopped')
    expect(await differencesIn(opened)).not.toEqual([])

    // Another process, whose member does not store the tenant's events, leaves it to the one that does.
    const service = createEventStore(opened.store)
    await service.open()
    expect(await service.recalculateMessages((tenant) => tenant !== 'a')).toEqual([])
    expect(await service.recalculateMessages(everyTenant)).toEqual(['a'])
    expect(await differencesIn(opened)).toEqual([])
    await opened.close()
  }, 60_000)

  test('before the deletion is completed by a repeated erasure', async () => {
    const opened = await openEmbeddedStore(DATABASE)
    const events = await openWithMessages(opened)
    const erasure = eraseContact(stoppedBefore(opened, /DELETE/), 'a', 'erased', OPTIONS)
    expect(await erasure.catch(String)).toBe('Error: stopped')
    await events.recalculateMessages(everyTenant)
    const recalculateMessages = async () => void (await events.recalculateMessages(everyTenant))
    expect(await eraseContact(opened.store, 'a', 'erased', { ...OPTIONS, recalculateMessages })).toMatchObject({
      erasedRows: 5,
      remainingMessages: 0,
    })
    expect(await differencesIn(opened)).toEqual([])
    await opened.close()
  }, 60_000)
})
