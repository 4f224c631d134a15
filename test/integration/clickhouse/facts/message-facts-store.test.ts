import { describe, expect, test } from 'bun:test'
import { ENGAGEMENT_COUNTS } from '../../../../src/analytics/engagement/engagement-metrics.ts'
import { MESSAGE_CONDITIONS } from '../../../../src/analytics/engagement/message-conditions.ts'
import { StoreFailure } from '../../../../src/base/errors.ts'
import type { EventWriter } from '../../../../src/clickhouse/connection/store-connection.ts'
import { MessageFactsStore } from '../../../../src/clickhouse/facts/message-facts-store.ts'
import { MessageFilter } from '../../../../src/clickhouse/facts/message-filter.ts'
import { StoredIdFilter } from '../../../../src/clickhouse/filter/stored-id-filter.ts'
import type { EventRow } from '../../../../src/events/event-row.ts'
import { DEFAULT_RULES_BY_TENANT } from '../../../../src/messages/classes/parse-class-rules.ts'
import { engagementOf } from '../../../../src/messages/engagement.ts'
import { type MessageEvent, readMessageEvent } from '../../../../src/messages/message-event.ts'
import { classifiedEvents, factsOf } from '../../../../src/messages/message-facts.ts'
import { IS_FULL } from '../../../support/base/depth.ts'
import { chanceOf } from '../../../support/base/random.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { migrated, openEmbeddedStore, project, ENGINE_PATHS, type TestStore } from '../../../support/store/engine.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

const DATABASE = 'message_facts_test'
const START = Date.parse('2026-01-20T00:00:00.000Z')
const DAY_MS = 86_400_000
const TENANTS = ['t1', 't2']
const AGENTS = ['Mozilla/5.0', 'Mozilla/5.0 (iPhone)', 'curl/8', 'GoogleImageProxy']

/** Events of messages in three months, in no order. */
function randomRows(seed: number, count: number): EventRow[] {
  const { next: random, pick } = chanceOf(seed)
  return Array.from({ length: count }, (_, index) => {
    const kind = pick(['sent', 'sent', 'delivered', 'opened', 'opened', 'clicked', 'bounced', 'complained'])
    const message = Math.floor(random() * (count / 4))
    const at = START + (message % 60) * DAY_MS + Math.floor(random() * 30) * pick([500, 1_000, 3 * DAY_MS])
    const metadata = {
      ua: pick(AGENTS),
      url: pick(['a', 'b', 'c']),
      ...(kind === 'bounced' ? { status: pick(['5.1.1', '4.2.2', '5.7.1']) } : {}),
    }
    const hex = (digits: number) =>
      Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
    return rowOf(index, {
      id: `${hex(8)}-${hex(4)}-5${hex(3)}-8${hex(3)}-${hex(12)}`,
      tenant_id: TENANTS[message % 2]!,
      event_type: `message_${kind}`,
      entity_id: `m${message}`,
      channel: pick(['email', 'sms']),
      campaign_id: pick([null, 'c1', 'c2']),
      template_id: pick([null, 'tpl']),
      metadata: JSON.stringify(metadata),
      occurred_at: at,
    })
  })
}

/** The counts of a tenant that follow from the events. */
function expectedCounts(rows: readonly EventRow[], tenant: string) {
  const byMessage = new Map<string, MessageEvent[]>()
  for (const row of rows) {
    if (row.tenant_id !== tenant) continue
    const events = byMessage.get(row.entity_id) ?? []
    byMessage.set(row.entity_id, [...events, readMessageEvent(row)!])
  }
  const engagement = engagementOf([...byMessage.values()].map((events) => factsOf(classifiedEvents(events))))
  return Object.fromEntries(Object.keys(ENGAGEMENT_COUNTS).map((name) => [name, engagement[name as 'messages']]))
}

async function storedCounts({ store }: TestStore, tenant: string, settings: string) {
  const sums = Object.entries(ENGAGEMENT_COUNTS).map(
    ([name, { condition }]) => `sum(sign * bitTest(state, ${MESSAGE_CONDITIONS.indexOf(condition)})) AS ${name}`,
  )
  const [row] = await store.writer.query<Record<string, string>>(
    `SELECT ${sums.join(', ')} FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = 1
    AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') >= toDateTime64(0, 3, 'UTC') SETTINGS ${settings}`,
    { tenant },
  )
  return Object.fromEntries(Object.entries(row!).map(([name, value]) => [name, Number(value)]))
}

/** A writer whose next insert fails, before or after it takes effect. */
function faultyWriter(writer: EventWriter) {
  let fault: 'before' | 'after' | undefined
  const connection: EventWriter = {
    ...writer,
    async insert(...block) {
      const next = fault
      fault = undefined
      if (next !== 'before') await writer.insert(...block)
      if (next !== undefined) throw new StoreFailure('unavailable', 'The insert failed.')
    },
  }
  return { connection, failNext: (next: 'before' | 'after') => (fault = next) }
}

async function openFacts({ store }: TestStore, partitionOf: (at: number) => number) {
  const { connection, failNext } = faultyWriter(store.openWriter())
  await connection.fence()
  const filter = new MessageFilter(connection, { filter: new StoredIdFilter(1_048_576), portionRows: 200 })
  await filter.build()
  const facts = new MessageFactsStore(connection, {
    rules: DEFAULT_RULES_BY_TENANT,
    rulesNumber: 1,
    partitionOf,
    filter,
  })
  return {
    failNext,
    /** As a commit does it: after a failure, earlier writes are fenced and the events are added again. */
    async add(rows: readonly EventRow[]) {
      try {
        await facts.add(...inBlock(rows))
      } catch (error) {
        if (!(error instanceof StoreFailure)) throw error
        const added = filter.addedIds()
        await connection.fence()
        filter.settle(added)
        await facts.add(...inBlock(rows))
      }
    },
    /** Others may have written since. */
    invalidate() {
      filter.invalidate()
      facts.invalidate()
    },
  }
}

/** Adds the rows in random batches, with repeated ones, through one of two processes in turn, while inserts fail. Calls `check` after each batch. */
async function addInBatches(
  opened: TestStore,
  rows: readonly EventRow[],
  {
    isInvalidated,
    check = () => Promise.resolve(),
  }: { isInvalidated: boolean; check?: (count: number) => Promise<void> },
) {
  const { storePartitionOf } = await migrated(opened)
  const processes = [await openFacts(opened, storePartitionOf), await openFacts(opened, storePartitionOf)]
  const { next: random, hits, below, pick } = chanceOf(7)
  let current = 0
  for (let end = 0; end < rows.length;) {
    const start = end
    end = Math.min(rows.length, end + 1 + Math.floor(random() * 200))
    const repeated = rows.slice(0, start).filter(() => hits(0.1))
    if (hits(0.4)) {
      current = 1 - current
      if (isInvalidated) processes[current]!.invalidate()
    }
    const process = processes[current]!
    if (hits(0.5)) process.failNext(pick(['before', 'after']))
    // New events of a message often follow those of the batch before.
    const middle = start + below(end - start)
    await process.add([...repeated, ...rows.slice(start, middle)])
    await process.add(rows.slice(middle, end))
    await check(end)
  }
}

describe.each(ENGINE_PATHS)('the facts of messages on the %s', (_, openStore) => {
  test('equal what the events say, in whatever batches and however often they arrive, whoever writes and whatever fails, before and after merges', async () => {
    const opened = await openStore(DATABASE)
    const rows = randomRows(20_261_129, IS_FULL ? 1_600 : 300)
    const check = async (
      count: number,
      settings = ['optimize_use_projections = 0', 'optimize_use_projections = 1'],
    ) => {
      for (const tenant of TENANTS) {
        const expected = expectedCounts(rows.slice(0, count), tenant)
        for (const each of settings) expect(await storedCounts(opened, tenant, each)).toEqual(expected)
      }
    }
    const projected = ["force_optimize_projection_name = 'messages_by_quarter_hour'"]
    await addInBatches(opened, rows, { isInvalidated: true, check })
    await project(opened)
    await check(rows.length, projected)
    await opened.store.admin.command(
      `OPTIMIZE TABLE ${DATABASE}.analytics_message_facts FINAL SETTINGS optimize_throw_if_noop = 1`,
    )
    await check(rows.length, projected)
    await opened.close()
  }, 120_000)
})

test('control: with what a process knew before another one wrote, facts are wrong', async () => {
  const opened = await openEmbeddedStore(`${DATABASE}_control`)
  const rows = randomRows(20_261_129, 300)
  await addInBatches(opened, rows, { isInvalidated: false })
  const counts = await storedCounts(opened, TENANTS[0]!, 'optimize_use_projections = 0')
  expect(counts).not.toEqual(expectedCounts(rows, TENANTS[0]!))
  await opened.close()
}, 60_000)

test('control: with a filter that misses messages, facts are wrong', async () => {
  class ForgetfulFilter extends StoredIdFilter {
    override add(): void {}
  }
  const opened = await openEmbeddedStore(`${DATABASE}_filter`)
  const { storePartitionOf: partitionOf } = await migrated(opened)
  const writer = opened.store.openWriter()
  const filter = new MessageFilter(writer, { filter: new ForgetfulFilter(1_048_576) })
  await filter.build()
  const rows = randomRows(20_261_129, 200)
  for (const end of [100, 200]) {
    const facts = new MessageFactsStore(writer, { rules: DEFAULT_RULES_BY_TENANT, rulesNumber: 1, partitionOf, filter })
    await facts.add(...inBlock(rows.slice(end - 100, end)))
  }
  const counts = await storedCounts(opened, TENANTS[0]!, 'optimize_use_projections = 0')
  expect(counts).not.toEqual(expectedCounts(rows, TENANTS[0]!))
  await opened.close()
}, 60_000)
