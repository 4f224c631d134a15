import { type DashboardRequest, equalityFilter } from './dashboard.ts'
import { IS_MESSAGE_SQL, SEVEN_COUNTS_SQL } from './message-counts.ts'
import { Slices } from '../turns.ts'
import { addToSeven, hasMessages, NO_MESSAGES, type SevenCounts } from './message-totals.ts'
import { type QueryPort, tenantQuery } from './query.ts'
import { countsSql, QUARTER_HOURS } from './roll-up.ts'

const ROWS_A_STEP = 1_000

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
  const byBucket = new Map<number, SevenCounts & { readonly bucket: number }>()
  const byChannel = new Map<string, SevenCounts & { readonly channel: string }>()
  const slices = new Slices()
  for (const [index, row] of rows.entries()) {
    if ((index + 1) % ROWS_A_STEP === 0) await slices.next()
    if (!hasMessages(row)) continue
    const { bucket } = row
    const ofChannel = row.channel === '' ? NO_CHANNEL : row.channel
    addToSeven(
      entryOf(byBucket, bucket, () => ({ bucket, ...NO_MESSAGES })),
      row,
    )
    addToSeven(
      entryOf(byChannel, ofChannel, () => ({ channel: ofChannel, ...NO_MESSAGES })),
      row,
    )
  }
  return { byBucket: [...byBucket.values()], byChannel: [...byChannel.values()] }
}

function entryOf<Key, Entry>(entries: Map<Key, Entry>, key: Key, make: () => Entry): Entry {
  let entry = entries.get(key)
  if (!entry) entries.set(key, (entry = make()))
  return entry
}
