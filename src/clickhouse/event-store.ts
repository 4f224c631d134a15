/**
 * The EventStore over ClickHouse: rows and names come in, as text the engine parses; which ids are stored goes out.
 */
import { EVENT_COLUMNS, type EventRow, type NameObservation } from '../events/row.ts'
import type { EventStore } from '../ingest/ports.ts'
import { Zone } from '../zone.ts'
import type { Store } from './connect.ts'

/** So many ids are looked up by one statement. */
const MAX_LOOKUP_IDS = 10_000

/**
 * Every setting an insert relies on, in its text: the defaults moved between versions (asynchronous inserts are on since 26.2), and in the embedded engine a
 * setting given beside a statement stays on the connection. One block becomes one part: all of it is stored or nothing.
 */
const INSERT_SETTINGS =
  'SETTINGS async_insert = 0, insert_deduplicate = 0, max_insert_block_size = 1000000, min_insert_block_size_rows = 1000000, ' +
  "min_insert_block_size_bytes = 1000000000, max_insert_threads = 1, input_format_parallel_parsing = 0, date_time_input_format = 'basic', " +
  "session_timezone = 'UTC'"

const INSERT_EVENTS = `INSERT INTO analytics_events (${EVENT_COLUMNS.join(', ')}) ${INSERT_SETTINGS} FORMAT JSONCompactEachRow\n`
const INSERT_NAMES = `INSERT INTO analytics_names (tenant_id, kind, id, latest) ${INSERT_SETTINGS} FORMAT JSONCompactEachRow\n`

const FIND_STORED_IDS = `
  SELECT DISTINCT toString(id) AS stored_id
  FROM analytics_events
  WHERE tenant_id IN {tenants:Array(String)} AND id IN {ids:Array(UUID)}
  SETTINGS log_comment = 'find_stored_ids', select_sequential_consistency = 1`

export function createEventStore(store: Store): EventStore {
  const { writer } = store
  let zone = new Zone('UTC')
  return {
    async open() {
      // The partition key reads months in the server's own zone, whatever the session says.
      const [row] = await writer.query<{ name: string }>('SELECT serverTimezone() AS name')
      zone = new Zone(row!.name)
    },
    partitionOf(occurredAt) {
      const { year, month } = zone.localDate(occurredAt)
      return year * 100 + month
    },
    async findStoredIds(rows) {
      const stored = new Set<string>()
      for (let start = 0; start < rows.length; start += MAX_LOOKUP_IDS) {
        const slice = rows.slice(start, start + MAX_LOOKUP_IDS)
        const tenants = [...new Set(slice.map((row) => row.tenant_id))]
        const found = await writer.query<{ stored_id: string }>(FIND_STORED_IDS, {
          tenants,
          ids: slice.map((row) => row.id),
        })
        for (const { stored_id } of found) stored.add(stored_id)
      }
      return stored
    },
    async insertRows(rows) {
      await writer.command(INSERT_EVENTS + rows.map(encodeRow).join('\n'))
    },
    async rememberNames(names) {
      await writer.command(INSERT_NAMES + names.map(encodeName).join('\n'))
    },
    fence: () => store.fence(),
  }
}

/** Instants are written as seconds with three decimals: unlike a date's text, they mean the same in any server's time zone. */
function seconds(epochMs: number): string {
  return (epochMs / 1000).toFixed(3)
}

function encodeRow(row: EventRow): string {
  return JSON.stringify(
    EVENT_COLUMNS.map((column) => (column === 'occurred_at' ? seconds(row.occurred_at) : row[column])),
  )
}

function encodeName({ tenant_id, kind, id, name, occurred_at }: NameObservation): string {
  return JSON.stringify([tenant_id, kind, id, { occurred_at: seconds(occurred_at), name }])
}
