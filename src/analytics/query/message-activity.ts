import { NO_CHANNEL } from '../../base/channels.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { filterSql } from '../dimensions.ts'
import { accumulateMessageCounts, hasMessages, type MessageCounts, ZERO_MESSAGE_COUNTS } from '../message-counts.ts'
import { MESSAGE_METRICS } from '../metrics.ts'
import type { TimeRange } from '../time/time-range.ts'
import { eventCountsSql, IS_MESSAGE_SQL } from './metric-sql.ts'
import { type QueryPort, tenantQuery } from './tenant-query.ts'
import { countsSql, QUARTER_HOUR_ROLL_UP } from './roll-up.ts'

const ROWS_PER_YIELD_CHECK = 1_000

interface MessageActivityRow extends MessageCounts {
  readonly bucket: number
  readonly channel: string
}

/** The messages of a range by bucket and by channel. Buckets and channels without messages are left out. */
export interface MessageActivity {
  readonly byBucket: readonly (MessageCounts & { readonly bucket: number })[]
  /** `NO_CHANNEL` among them. */
  readonly byChannel: readonly (MessageCounts & { readonly channel: string })[]
}

/** Reads the messages of a range for the dashboard `name`, of one channel or all. */
export async function readMessageActivity(
  name: string,
  port: QueryPort,
  { tenantId, range }: { readonly tenantId: string; readonly range: TimeRange },
  buckets: readonly number[],
  channel?: string,
): Promise<MessageActivity> {
  const filter = filterSql({ channel })
  const counts = countsSql({
    rollUp: QUARTER_HOUR_ROLL_UP,
    range,
    buckets,
    keys: ['channel'],
    counts: eventCountsSql(MESSAGE_METRICS),
    rowsSql: IS_MESSAGE_SQL,
    filter: filter.sql,
  })
  // A group may come twice: the rows are summed below.
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
