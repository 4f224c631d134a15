/** Queries of tests on stored rows. */
import type { StoreConnection } from '../../../src/clickhouse/connection/store-connection.ts'

export interface StoredRow {
  readonly id: string
  readonly entity_id: string
  readonly contact_id: string | null
  readonly source_type: string
  readonly metadata: string
  readonly at: number
  readonly step_number: number | null
  readonly part: string
  readonly partition: string
}

const ROWS = `
  SELECT toString(id) AS id, entity_id, contact_id, source_type, metadata, toUnixTimestamp64Milli(occurred_at) AS at, step_number,
    _part AS part, _partition_id AS partition
  FROM analytics_events WHERE tenant_id = {tenant:String}
  ORDER BY id
  SETTINGS output_format_json_quote_64bit_integers = 0`

/** The rows of a tenant, ordered by id. */
export function readRows(connection: StoreConnection, tenant: string): Promise<StoredRow[]> {
  return connection.query<StoredRow>(ROWS, { tenant })
}
