import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { EventWriter } from '../../../src/clickhouse/connection/store-connection.ts'
import { MessageFactsStore } from '../../../src/clickhouse/facts/message-facts-store.ts'
import { selectList } from '../../../src/clickhouse/write/column-formats.ts'
import { readMetadataValues } from '../../../src/clickhouse/write/metadata-columns.ts'
import { EVENT_COLUMNS } from '../../../src/events/columns.ts'
import type { EventRow } from '../../../src/events/event-row.ts'
import { DEFAULT_RULES_BY_TENANT } from '../../../src/messages/classes/parse-class-rules.ts'
import { factsSql } from '../../bench/history/facts-sql.ts'
import { historySql } from '../../bench/history/history-sql.ts'
import { inBlock } from '../../support/store/event-blocks.ts'
import { migrated, openEmbeddedStore, type TestStore } from '../../support/store/engine.ts'

/** 1,000 scenarios have about 2,500 events. */
const SCENARIOS = 1_000
const HISTORY = { events: 5_000_000, endMs: Date.parse('2026-05-12T13:14:15.678Z') }
/** Some of their events lie behind the end. */
const FIRST = Math.round(HISTORY.events / 2.55) - SCENARIOS / 2

let opened: TestStore
let writer: EventWriter

beforeAll(async () => {
  opened = await openEmbeddedStore('bench_history_test')
  ;({ writer } = await migrated(opened))
  for (const first of [0, FIRST]) {
    await writer.command(historySql(first, SCENARIOS / 2, HISTORY))
    await writer.command(factsSql(first, SCENARIOS / 2, HISTORY))
  }
})

afterAll(() => opened.close())

const rowsOf = () =>
  writer.query<EventRow & { recipient_domain: string | null; link: string | null; bounce_class: string | null }>(
    `SELECT ${selectList(EVENT_COLUMNS)}, events.recipient_domain AS recipient_domain, events.link AS link, events.bounce_class AS bounce_class FROM analytics_events AS events SETTINGS output_format_json_quote_64bit_integers = 0`,
  )

describe('the history of the benchmarks', () => {
  test('has the facts of messages that the service calculates from its events', async () => {
    const facts = new MessageFactsStore(writer, {
      rules: DEFAULT_RULES_BY_TENANT,
      rulesNumber: 2,
      partitionOf: (at) => new Date(at).getUTCFullYear() * 12 + new Date(at).getUTCMonth(),
    })
    await facts.add(...inBlock(await rowsOf()))
    const read = (rules: number) =>
      writer.query<object>(
        `SELECT * EXCEPT (rules, events), hex(events) AS list FROM analytics_message_facts WHERE rules = ${rules} ORDER BY tenant_id, message_id`,
      )
    const filled = await read(1)
    expect(filled.length).toBeGreaterThan(SCENARIOS / 2)
    expect(filled).toEqual(await read(2))
  })

  test('has the columns from metadata that the service fills', async () => {
    const rows = await rowsOf()
    const stored = rows.map(({ recipient_domain, link, bounce_class }) => ({ recipient_domain, link, bounce_class }))
    expect(stored).toEqual(readMetadataValues(...inBlock(rows)))
  })
})
