/**
 * `bun repeats.ts path`: on a copy of a store that `fill-history.ts` created, measures what a repeated event costs: to find it among the stored ones and to compare its
 * contents. `byTenant` finds the ids one by one and reads the ids of all rows of the tenants of the block to compare them. Prints JSON; microseconds per event are
 * medians of RUNS blocks, each of which goes both ways in alternation.
 */
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { UNQUOTED_INTEGERS } from '../../../src/clickhouse/connection/named-statement.ts'
import { selectList } from '../../../src/clickhouse/write/column-formats.ts'
import { createEventStore } from '../../../src/clickhouse/write/event-store.ts'
import { idsOfRows } from '../../../src/clickhouse/write/selected-rows.ts'
import { findIds } from '../../../src/clickhouse/write/stored-id-lookup.ts'
import { EVENT_COLUMNS } from '../../../src/events/columns.ts'
import { type EventRow, isSameEvent } from '../../../src/events/event-row.ts'
import { inBlock } from '../../support/store/event-blocks.ts'

const RUNS = 3
const BLOCK_ROWS = 25_000
const SLICE_ROWS = 5_000
const HOUR_MS = 3_600_000
const COLUMNS = selectList(EVENT_COLUMNS)
const SETTINGS = `SETTINGS ${UNQUOTED_INTEGERS}`

const store = await connectEmbeddedStore({ path: process.argv[2] ?? '', database: 'analytics', readerCount: 1 })
const eventStore = createEventStore(store)
const { writer } = store
await eventStore.open()
const [size] = await writer.query<{ rows: number; from: number; to: number; parts: number }>(
  `SELECT count() AS rows, uniqExact(_part) AS parts, toUnixTimestamp64Milli(min(occurred_at)) AS from, toUnixTimestamp64Milli(max(occurred_at)) AS to
   FROM analytics_events ${SETTINGS}`,
)
const { rows, from, to, parts } = size!

/** The blocks of each kind that a run repeats. */
const KINDS: Record<string, (run: number) => Promise<EventRow[]>> = {
  'narrow: neighbours in time, of all tenants': (run) =>
    writer.query(
      `SELECT ${COLUMNS} FROM analytics_events AS events WHERE events.occurred_at >= fromUnixTimestamp64Milli({at:Int64})
         AND events.occurred_at < fromUnixTimestamp64Milli({end:Int64}) ORDER BY events.occurred_at LIMIT {count:UInt32} ${SETTINGS}`,
      { ...rangeAt(run, (3 * BLOCK_ROWS * (to - from)) / rows), count: BLOCK_ROWS },
    ),
  'wide: one message or enrollment after the other, of the largest tenant': (run) =>
    writer.query(
      `SELECT ${COLUMNS} FROM analytics_events AS events WHERE events.tenant_id = 'tenant-1' AND events.entity_id IN (
         SELECT entity_id FROM analytics_events WHERE tenant_id = 'tenant-1' AND occurred_at >= fromUnixTimestamp64Milli({at:Int64})
           AND occurred_at < fromUnixTimestamp64Milli({end:Int64}) LIMIT {count:UInt32})
       ORDER BY events.entity_id, events.occurred_at LIMIT {count:UInt32} ${SETTINGS}`,
      { ...rangeAt(run, 6 * HOUR_MS), count: BLOCK_ROWS },
    ),
  'scattered: of all tenants and times': (run) =>
    writer.query(
      `SELECT ${COLUMNS} FROM analytics_events AS events WHERE cityHash64(events.id) % {every:UInt32} = {run:UInt32} LIMIT {count:UInt32} ${SETTINGS}`,
      { every: Math.max(RUNS, Math.floor(rows / BLOCK_ROWS)), run, count: BLOCK_ROWS },
    ),
}

function rangeAt(run: number, length: number): { at: number; end: number } {
  const at = Math.round(from + ((to - from) * (run + 1)) / (RUNS + 2))
  return { at, end: Math.round(at + length) }
}

async function repeat(block: readonly EventRow[]): Promise<void> {
  const [given, indexes] = inBlock(block)
  const stored = await eventStore.findStored(given, indexes)
  const comparisons = await eventStore.compareWithStored(given, stored)
  requireAll(comparisons.filter((comparison) => comparison === 'same').length, block)
}

async function repeatByTenant(block: readonly EventRow[]): Promise<void> {
  const [given, indexes] = inBlock(block)
  const found = await findIds(writer, idsOfRows(given, indexes), Uint32Array.from(indexes.keys()))
  let same = 0
  for (let start = 0; start < found.size; start += SLICE_ROWS) {
    const slice = block.slice(start, start + SLICE_ROWS)
    const stored = await writer.query<EventRow>(
      `SELECT ${COLUMNS} FROM analytics_events AS events
       WHERE events.tenant_id IN {tenants:Array(String)} AND events.id IN {ids:Array(UUID)} ${SETTINGS}`,
      { tenants: [...new Set(slice.map(({ tenant_id }) => tenant_id))], ids: slice.map(({ id }) => id) },
    )
    const byId = new Map(stored.map((row) => [row.id, row]))
    for (const [index, row] of slice.entries()) if (isSameEvent(byId.get(row.id)!, given.readRow(start + index))) same++
  }
  requireAll(same, block)
}

function requireAll(count: number, block: readonly EventRow[]): void {
  if (count !== block.length) throw new Error(`${count} of ${block.length} events were found.`)
}

interface Cost {
  readonly microseconds: number
  readonly cpu: number
}

async function costOf(block: readonly EventRow[], task: (block: readonly EventRow[]) => Promise<void>): Promise<Cost> {
  const startedAt = performance.now()
  const usage = process.cpuUsage()
  await task(block)
  const { user, system } = process.cpuUsage(usage)
  return {
    microseconds: ((performance.now() - startedAt) * 1_000) / block.length,
    cpu: (user + system) / block.length,
  }
}

const medianOf = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
const round = (value: number) => Math.round(value * 10) / 10

const results: Record<string, unknown> = {}
for (const [kind, blockOf] of Object.entries(KINDS)) {
  const costs: { readonly byKey: Cost; readonly byTenant: Cost }[] = []
  let count = 0
  for (let run = 0; run < RUNS; run++) {
    const block = await blockOf(run)
    count = block.length
    const [byTenantFirst, byKey] = [
      run % 2 === 0 ? await costOf(block, repeatByTenant) : undefined,
      await costOf(block, repeat),
    ]
    costs.push({ byKey, byTenant: byTenantFirst ?? (await costOf(block, repeatByTenant)) })
  }
  const summary = (way: 'byKey' | 'byTenant') => ({
    microseconds: round(medianOf(costs.map((cost) => cost[way].microseconds))),
    cpu: round(medianOf(costs.map((cost) => cost[way].cpu))),
  })
  const ratio = round(medianOf(costs.map(({ byKey, byTenant }) => byTenant.cpu / byKey.cpu)))
  process.stderr.write(`  ${kind}: measured\n`)
  results[kind] = { events: count, byTenant: summary('byTenant'), byKey: summary('byKey'), cpuRatio: ratio }
}
process.stdout.write(`${JSON.stringify({ rows, parts, ...results }, undefined, 1)}\n`)
await store.close()
process.exit(0)
