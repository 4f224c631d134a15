import { type DashboardRequest, equalityFilter } from '../dashboard.ts'
import { IS_MESSAGE_SQL, MESSAGE_COUNTS_SQL } from './message-metrics-sql.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { accumulateMessageCounts, hasMessages, ZERO_MESSAGE_COUNTS, type MessageCounts } from '../metrics.ts'
import { type QueryPort, tenantQuery } from './tenant-query.ts'
import { countsSql, QUARTER_HOUR_ROLL_UP } from './roll-up.ts'

const ROWS_PER_YIELD_CHECK = 1_000

interface MessageActivityRow extends MessageCounts {
  readonly bucket: number
  readonly channel: string
}

/** What messages without a channel are listed under, so that the channels add up to all messages. */
const NO_CHANNEL = 'none'

/** Messages of a range, read once: by bucket and by channel, only those with any. */
export interface MessageActivity {
  readonly byBucket: readonly (MessageCounts & { readonly bucket: number })[]
  /** `NO_CHANNEL` among them. */
  readonly byChannel: readonly (MessageCounts & { readonly channel: string })[]
}

/** Reads the messages of a range for the dashboard `name`, of one channel or all. */
export async function readMessageActivity(
  name: string,
  port: QueryPort,
  { tenantId, range }: DashboardRequest,
  buckets: readonly number[],
  channel?: string,
): Promise<MessageActivity> {
  const filter = equalityFilter('channel', 'channel', channel)
  const counts = countsSql({
    rollUp: QUARTER_HOUR_ROLL_UP,
    range,
    buckets,
    keys: ['channel'],
    counts: MESSAGE_COUNTS_SQL,
    eventTypesSql: IS_MESSAGE_SQL,
    filter: filter.sql,
  })
  // Summed below anyway.
  const sql = `SELECT * FROM ${counts.sql}`
  const rows = await port.query(
    tenantId,
    tenantQuery<MessageActivityRow>(name, sql, { ...counts.parameters, ...filter.parameters }),
  )
  const byBucket = new Map<number, MessageCounts & { readonly bucket: number }>()
  const byChannel = new Map<string, MessageCounts & { readonly channel: string }>()
  const slices = new TimeSlices()
  for (const [index, row] of rows.entries()) {
    if ((index + 1) % ROWS_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
    if (!hasMessages(row)) continue
    const { bucket } = row
    const ofChannel = row.channel === '' ? NO_CHANNEL : row.channel
    accumulateMessageCounts(
      getOrCreate(byBucket, bucket, () => ({ bucket, ...ZERO_MESSAGE_COUNTS })),
      row,
    )
    accumulateMessageCounts(
      getOrCreate(byChannel, ofChannel, () => ({ channel: ofChannel, ...ZERO_MESSAGE_COUNTS })),
      row,
    )
  }
  return { byBucket: [...byBucket.values()], byChannel: [...byChannel.values()] }
}

function getOrCreate<Key, Entry>(entries: Map<Key, Entry>, key: Key, make: () => Entry): Entry {
  let entry = entries.get(key)
  if (!entry) entries.set(key, (entry = make()))
  return entry
}
