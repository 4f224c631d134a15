import { type DashboardRequest, equalityFilter } from './dashboard.ts'
import { IS_MESSAGE_SQL, SEVEN_COUNTS_SQL } from './message-counts.ts'
import { addSeven, hasMessages, NO_MESSAGES, type SevenCounts } from './message-totals.ts'
import { type QueryPort, tenantQuery } from './query.ts'
import { countsSql, QUARTER_HOURS } from './roll-up.ts'

interface Row extends SevenCounts {
  readonly bucket: number
  readonly channel: string
}

/** What messages without a channel are listed under, so that the channels add up to all messages. */
const NO_CHANNEL = 'none'

/** Messages of a range, read once: by bucket and by channel, only those with any. */
export interface MessageActivity {
  readonly byBucket: readonly (SevenCounts & { readonly bucket: number })[]
  /** `NO_CHANNEL` among them. */
  readonly byChannel: readonly (SevenCounts & { readonly channel: string })[]
}

/** Reads the messages of a range for the dashboard `name`, of one channel or all. */
export async function readMessages(
  name: string,
  port: QueryPort,
  { tenantId, range }: DashboardRequest,
  buckets: readonly number[],
  channel?: string,
): Promise<MessageActivity> {
  const filter = equalityFilter('channel', 'channel', channel)
  const counts = countsSql({
    rollUp: QUARTER_HOURS,
    range,
    buckets,
    keys: ['channel'],
    counts: SEVEN_COUNTS_SQL,
    eventTypesSql: IS_MESSAGE_SQL,
    filter: filter.sql,
  })
  // Summed below anyway.
  const sql = `SELECT * FROM ${counts.sql}`
  const rows = await port.query(tenantId, tenantQuery<Row>(name, sql, { ...counts.parameters, ...filter.parameters }))
  const byBucket = new Map<number, SevenCounts>()
  const byChannel = new Map<string, SevenCounts>()
  for (const row of rows.filter(hasMessages)) {
    byBucket.set(row.bucket, addSeven(byBucket.get(row.bucket) ?? NO_MESSAGES, row))
    byChannel.set(row.channel, addSeven(byChannel.get(row.channel) ?? NO_MESSAGES, row))
  }
  return {
    byBucket: [...byBucket].map(([bucket, sums]) => ({ bucket, ...sums })),
    byChannel: [...byChannel].map(([key, sums]) => ({ channel: key === '' ? NO_CHANNEL : key, ...sums })),
  }
}
