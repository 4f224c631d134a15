/**
 * The columns of `analytics_events`. The row type (event-row.ts), the encoding of inserts and the query that reads rows back are derived from this table; a test compares it with the
 * migration. docs/contributing.md lists the steps for a new column.
 */

/** The value that a row holds for each ClickHouse type in use. */
export interface ColumnValues {
  UUID: string
  String: string
  'LowCardinality(String)': string
  'LowCardinality(Nullable(String))': string | null
  'Nullable(String)': string | null
  UInt32: number
  'Nullable(UInt32)': number | null
  /** Epoch milliseconds. */
  'DateTime64(3)': number
}

export interface ColumnDefinition {
  readonly name: string
  readonly type: keyof ColumnValues
}

/** The columns that the normaliser fills. */
export const EVENT_COLUMNS = [
  { name: 'id', type: 'UUID' },
  { name: 'tenant_id', type: 'String' },
  { name: 'event_type', type: 'LowCardinality(String)' },
  { name: 'entity_type', type: 'LowCardinality(String)' },
  { name: 'entity_id', type: 'String' },
  { name: 'channel', type: 'LowCardinality(String)' },
  { name: 'contact_id', type: 'Nullable(String)' },
  { name: 'user_id', type: 'Nullable(String)' },
  { name: 'source_type', type: 'LowCardinality(String)' },
  { name: 'source_id', type: 'Nullable(String)' },
  { name: 'campaign_id', type: 'Nullable(String)' },
  { name: 'workflow_id', type: 'Nullable(String)' },
  { name: 'sequence_id', type: 'Nullable(String)' },
  { name: 'template_id', type: 'Nullable(String)' },
  // JSON: the producer's metadata and every field of `data` that has no column.
  { name: 'metadata', type: 'String' },
  { name: 'occurred_at', type: 'DateTime64(3)' },
  // The step of a sequence, from 1.
  { name: 'step_number', type: 'Nullable(UInt32)' },
  { name: 'enrollment_id', type: 'Nullable(String)' },
] as const satisfies readonly ColumnDefinition[]

/** The columns that the store fills: `ingested_at` by its default, `surrogate_id` when the row is inserted. */
export const STORE_COLUMNS = [
  { name: 'ingested_at', type: 'DateTime64(3)' },
  { name: 'surrogate_id', type: 'UInt32' },
] as const satisfies readonly ColumnDefinition[]

/** The columns that say what `metadata` contains, so that events are filtered and grouped by it. The store calculates them for rows that were inserted without them. */
export const METADATA_COLUMNS = [
  // In lower case.
  { name: 'recipient_domain', type: 'Nullable(String)' },
  // Of opens and clicks.
  { name: 'link', type: 'Nullable(String)' },
  // Of bounces.
  { name: 'bounce_class', type: 'LowCardinality(Nullable(String))' },
] as const satisfies readonly ColumnDefinition[]
