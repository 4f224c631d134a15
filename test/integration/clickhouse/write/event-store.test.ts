import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { findEntityNames } from '../../../../src/analytics/query/entity-names.ts'
import { createQueryPort } from '../../../../src/clickhouse/read/query-port.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import type { EventStore } from '../../../../src/ingest/ports.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { migrated, STORE_PATHS, type TestStore } from '../../../support/store/engine.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { pause } from '../../../support/process/until.ts'
import { readRows } from '../../../support/store/store-queries.ts'
import { blockOf, inBlock } from '../../../support/store/event-blocks.ts'

const STARTING_MS = 30_000
const NOW = Date.now()
const DAY_MS = 86_400_000

const NASTY_TEXTS = [
  ...[
    `it's`,
    `"double"`,
    'back\\slash',
    '\\',
    `\\'`,
    `\\\\'`,
    'a\0b',
    '\0',
    'tab\tnewline\nreturn\r',
    '\n\n',
    '\b\f\v\u001b',
  ],
  ...['emoji 👩‍👩‍👧‍👦 🏳️‍🌈', 'שלום עליכם', '\u202eright to left', 'e\u0301 and é', '\ufeffmark', '\uffff', 'ﷺ'.repeat(50)],
  ...[
    '\\N',
    'NULL',
    'nan',
    '',
    ' ',
    '--',
    '/*',
    ';',
    '; DROP TABLE analytics_events',
    ') FORMAT JSON',
    '{}',
    '[]',
    '%s',
    '$1',
    '?',
  ],
  // Texts that look like placeholders of parameters.
  ...['{a:b}', '{tenant:String}', '{ids:Array(UUID)}', '{database:Identifier}', '{{a:b}}'],
  'x'.repeat(100_000),
]

describe.each(STORE_PATHS)('the event store on the %s', (_, open) => {
  let opened: TestStore
  let events: EventStore
  beforeAll(async () => {
    opened = await open('store_test')
    events = await migrated(opened)
  }, STARTING_MS)
  afterAll(() => opened.close(), STARTING_MS)

  test('returns every text unchanged, in every type of column', async () => {
    const rows = NASTY_TEXTS.map((text, index) =>
      rowOf(index, {
        tenant_id: 'texts',
        entity_id: text,
        contact_id: text,
        source_type: text.slice(0, 100),
        metadata: JSON.stringify({ text }),
        occurred_at: NOW,
      }),
    )
    await events.insertRows(...inBlock(rows))
    const stored = await readRows(opened.store.writer, 'texts')
    expect(stored.map(({ entity_id }) => entity_id)).toEqual(NASTY_TEXTS)
    expect(stored.map(({ contact_id }) => contact_id)).toEqual(NASTY_TEXTS)
    expect(stored.map(({ source_type }) => source_type)).toEqual(NASTY_TEXTS.map((text) => text.slice(0, 100)))
    expect(stored.map(({ metadata }) => JSON.parse(metadata).text)).toEqual(NASTY_TEXTS)
    expect((await events.findStored(...inBlock(rows))).length).toBe(rows.length)
  })

  test('finds a tenant by any id', async () => {
    const port = createQueryPort(opened.store, systemClock, createServiceMetrics())
    const observed = NASTY_TEXTS.map((text) => ({
      tenant_id: 'names',
      kind: 'campaign' as const,
      id: text,
      name: `name of ${text}`,
      occurred_at: NOW,
    }))
    await events.writeNames(observed)
    const name = await findEntityNames(port, 'names', 'campaign', NASTY_TEXTS)
    expect(NASTY_TEXTS.map(name)).toEqual(observed.map((one) => one.name))
    const other = await findEntityNames(port, 'others', 'campaign', NASTY_TEXTS)
    expect(NASTY_TEXTS.map(other)).toEqual(NASTY_TEXTS)
  })

  test('keeps milliseconds and null values', async () => {
    const instants = [NOW, NOW - 1, NOW - 999, Math.floor(NOW / 1000) * 1000, NOW - 365 * DAY_MS + 7, NOW + DAY_MS]
    for (const [index, occurred_at] of instants.entries()) {
      await events.insertRows(
        ...inBlock([
          rowOf(index, { tenant_id: 'instants', occurred_at, step_number: index === 0 ? 4_294_967_295 : null }),
        ]),
      )
    }
    const stored = await readRows(opened.store.writer, 'instants')
    expect(stored.map(({ at }) => at)).toEqual(instants)
    expect(stored.map(({ step_number }) => step_number)).toEqual([4_294_967_295, null, null, null, null, null])
    expect(stored[1]?.contact_id).toBeNull()
  })

  test('finds stored ids of any time', async () => {
    const row = rowOf(1_000_001, { tenant_id: 'finder', occurred_at: NOW })
    await events.insertRows(...inBlock([row]))
    const later = { ...row, occurred_at: NOW - 700 * DAY_MS, event_type: 'message_opened' }
    const block = blockOf([rowOf(1_000_002, { tenant_id: 'finder' }), later])
    expect([...(await events.findStored(block, block.allRows()))]).toEqual([1])
    expect([...(await events.findStored(block, Uint32Array.of(0)))]).toEqual([])
    expect(await events.compareWithStored(block, Uint32Array.of(0, 1))).toEqual(['missing', 'different'])
    expect((await events.findStored(...inBlock([]))).length).toBe(0)
  })

  test('stores 25,000 rows with many distinct texts as one part, and finds all of them', async () => {
    for (const [tenant_id, wordCount] of [
      ['bulk', 25_000],
      ['bulk-256', 256],
      ['bulk-257', 257],
    ] as const) {
      const wordOf = (index: number) => `word ${index % wordCount}`
      const rows = Array.from({ length: 25_000 }, (__, index) =>
        rowOf(index, { tenant_id, occurred_at: NOW, source_type: wordOf(index) }),
      )
      await events.insertRows(...inBlock(rows))
      const stored = await readRows(opened.store.writer, tenant_id)
      expect(stored).toHaveLength(25_000)
      expect(new Set(stored.map(({ part }) => part)).size).toBe(1)
      expect(stored.filter(({ source_type }, index) => source_type !== wordOf(index))).toEqual([])
      expect((await events.findStored(...inBlock(rows))).length).toBe(25_000)
    }
  })

  test('keeps the latest name, independent of order and repetition', async () => {
    const port = createQueryPort(opened.store, systemClock, createServiceMetrics())
    const observation = fc.record({ name: fc.string({ minLength: 1, unit: 'grapheme' }), age: fc.nat(5) })
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(observation, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        async (calls) => {
          const id = `entity-${run++}`
          for (const call of [...calls, calls[0]!]) {
            await events.writeNames(
              call.map(({ name, age }) => ({
                tenant_id: 'newest',
                kind: 'template' as const,
                id,
                name,
                occurred_at: NOW - age,
              })),
            )
          }
          const seen = calls.flat()
          const youngest = Math.min(...seen.map(({ age }) => age))
          const candidates = seen.filter(({ age }) => age === youngest).map(({ name }) => Buffer.from(name))
          const greatest = candidates.reduce((a, b) => (Buffer.compare(a, b) >= 0 ? a : b))
          const name = await findEntityNames(port, 'newest', 'template', [id])
          expect(name(id)).toBe(greatest.toString())
        },
      ),
      { numRuns: 12 },
    )
  })

  test('distinguishes a rejected row from an unavailable store, and stores nothing of a rejected block', async () => {
    const good = rowOf(1, { tenant_id: 'refused', occurred_at: NOW })
    const attempts = [
      rowOf(2, { tenant_id: 'refused', occurred_at: NaN }),
      rowOf(3, { tenant_id: 'refused', occurred_at: NOW + 0.5 }),
      rowOf(4, { tenant_id: 'refused', occurred_at: Number.MAX_SAFE_INTEGER + 1 }),
    ]
    for (const bad of attempts) {
      expect(await failureKind(events.insertRows(...inBlock([good, bad])))).toBe('rejected')
    }
    expect(await readRows(opened.store.writer, 'refused')).toEqual([])
    expect(await failureKind(opened.store.writer.command('INSERT INTO nowhere VALUES (1)'))).toBe('unavailable')
    await events.insertRows(...inBlock([good]))
    expect(await readRows(opened.store.writer, 'refused')).toHaveLength(1)
  })

  test('ends a query at its time limit', async () => {
    const [reader] = opened.store.readers
    const slow =
      "SELECT sleepEachRow(0.1) FROM numbers(100) SETTINGS max_execution_time = 0.3, timeout_overflow_mode = 'throw', max_block_size = 1"
    expect(await failureKind(reader!.query(slow))).toBe('timeout')
    expect(await reader!.query<{ one: number }>('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('keeps the failure of a query out of the next result on its connection', async () => {
    const [reader] = opened.store.readers
    const broken = 'SELECT number, throwIf(number = 50) FROM numbers(100) SETTINGS max_block_size = 10'
    expect(await failureKind(reader!.query(broken))).toBe('unavailable')
    expect(await reader!.query<{ two: number }>('SELECT 2 AS two')).toEqual([{ two: 2 }])
  })

  test('prevents earlier inserts from taking effect after a fence', async () => {
    const slow = `INSERT INTO analytics_events (id, tenant_id, occurred_at)
      SELECT generateUUIDv4(), 'fenced', now64(3) FROM (SELECT sleepEachRow(0.05) FROM numbers(20)) SETTINGS max_block_size = 1, async_insert = 0`
    const writing = failureKind(opened.store.writer.command(slow))
    await pause(200)
    await events.fence()
    const [reader] = opened.store.readers
    const stored = await readRows(reader!, 'fenced')
    await writing
    await pause(300)
    expect(await readRows(reader!, 'fenced')).toEqual(stored)
    await opened.store.ping()
  })

  test('binds every text, list and integer exactly', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 }).map((one) => one.toWellFormed())
    const integer = fc.maxSafeInteger()
    const [reader] = opened.store.readers
    await fc.assert(
      fc.asyncProperty(text, fc.array(text), integer, fc.array(integer), async (one, texts, number, numbers) => {
        const [answer] = await reader!.query<object>(
          `SELECT {one:String} AS one, {texts:Array(String)} AS texts, {number:Int64} AS number, {numbers:Array(Int64)} AS numbers
           SETTINGS output_format_json_quote_64bit_integers = 0`,
          { one, texts, number, numbers },
        )
        expect(answer).toEqual({ one, texts, number, numbers })
      }),
      { numRuns: 60 },
    )
  })
})

async function failureKind(attempt: Promise<unknown>): Promise<unknown> {
  try {
    await attempt
    return 'none'
  } catch (error) {
    return (error as { kind?: unknown }).kind
  }
}
