import type { Store } from './connect.ts'

/** What the hourly refresh did and saw. */
export interface MaintenanceReport {
  readonly eventRows: number
  readonly eventParts: number
  readonly eventBytes: number
  readonly nameRows: number
}

const SIZES = `
  SELECT table, sum(rows) AS rows, count() AS parts, sum(bytes_on_disk) AS bytes
  FROM system.parts WHERE database = {database:String} AND active
  GROUP BY table
  SETTINGS output_format_json_quote_64bit_integers = 0`

interface SizeRow {
  readonly table: string
  readonly rows: number
  readonly parts: number
  readonly bytes: number
}

/** Merges what is derived (the newest names) into its smallest form and reports how large the tables are. */
export async function maintain({ maintenance }: Store, database: string): Promise<MaintenanceReport> {
  await maintenance.command('OPTIMIZE TABLE {database:Identifier}.analytics_names FINAL', { database })
  const sizes = new Map((await maintenance.query<SizeRow>(SIZES, { database })).map((row) => [row.table, row]))
  const events = sizes.get('analytics_events')
  return {
    eventRows: events?.rows ?? 0,
    eventParts: events?.parts ?? 0,
    eventBytes: events?.bytes ?? 0,
    nameRows: sizes.get('analytics_names')?.rows ?? 0,
  }
}
