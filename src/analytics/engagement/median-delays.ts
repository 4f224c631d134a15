/** The exact medians of the times until people open and click, from a histogram of the delays of the messages of a range. */
import { type QueryPort, type QueryParameter, tenantQuery } from '../query/tenant-query.ts'
import type { LateMessage, LateMessagesRequest } from './late-messages.ts'

/** In seconds; null without a value. */
export interface MedianDelays {
  readonly open: number | null
  readonly click: number | null
}

const NO_MEDIANS: MedianDelays = { open: null, click: null }
const KINDS = ['open', 'click'] as const

export interface Medians {
  readonly total: MedianDelays
  of(key: string): MedianDelays
}

interface MedianRow {
  readonly is_total: number
  readonly key: string
  readonly kind: (typeof KINDS)[number]
  readonly median: number
}

/** The number of messages by delay. A change of a message has removed its former delay with the sign -1. */
const histogramSql = (kind: (typeof KINDS)[number], keySql: string, filter: string) => `
    SELECT ${keySql} AS key, '${kind}' AS kind, ${kind}_delay AS delay, sum(sign) AS messages
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32}
      AND sent_at >= fromUnixTimestamp64Milli({start:Int64}) AND sent_at <= fromUnixTimestamp64Milli({end:Int64})
      AND ${kind}_delay >= 0 AND last_event_at <= fromUnixTimestamp64Milli({until:Int64})${filter}
    GROUP BY key, delay`

const LATE_HISTOGRAM_SQL = `
    SELECT tupleElement(late, 1) AS key, tupleElement(late, 2) AS kind, tupleElement(late, 3) AS delay, tupleElement(late, 4) AS messages
    FROM (SELECT arrayJoin(arrayZip({lateKeys:Array(String)}, {lateKinds:Array(String)}, {lateDelays:Array(Int64)}, {lateWeights:Array(Int64)})) AS late)`

/** The weighted quantile is the value at the place ceil(n / 2): of an even number the lower of the two middle ones. */
const mediansSql = (histograms: readonly string[]) => `
  SELECT grouping(key) AS is_total, key, kind, quantileExactWeighted(0.5)(delay, toUInt64(messages)) AS median
  FROM (${histograms.join('\n    UNION ALL')}
  )
  GROUP BY GROUPING SETS ((key, kind), (kind)) HAVING sum(messages) > 0
  SETTINGS optimize_use_projections = 0`

/** Reads the medians of all messages of a range together and by key. Messages with late events are given. */
export async function readMedians(
  name: string,
  port: QueryPort,
  { tenantId, range, facts, keySql, filter }: LateMessagesRequest,
  late: readonly LateMessage[],
): Promise<Medians> {
  const histograms = KINDS.map((kind) => histogramSql(kind, keySql, filter.sql))
  const lateDelays = late.flatMap(({ key, weight, counted }) =>
    KINDS.map((kind) => ({ key, kind, weight, delay: counted[`${kind}Delay`] })).filter(({ delay }) => delay >= 0),
  )
  const lateParameters: Readonly<Record<string, QueryParameter>> = {
    lateKeys: lateDelays.map(({ key }) => key),
    lateKinds: lateDelays.map(({ kind }) => kind),
    lateDelays: lateDelays.map(({ delay }) => delay),
    lateWeights: lateDelays.map(({ weight }) => weight),
  }
  const hasLate = lateDelays.length > 0
  const sql = mediansSql(hasLate ? [...histograms, LATE_HISTOGRAM_SQL] : histograms)
  const parameters = {
    ...range,
    rules: facts.rules,
    until: facts.until,
    ...filter.parameters,
    ...(hasLate ? lateParameters : {}),
  }
  const rows = await port.query(tenantId, tenantQuery<MedianRow>(`${name}_medians`, sql, parameters))
  const medians = new Map<string, MedianDelays>()
  let total = NO_MEDIANS
  for (const { is_total, key, kind, median } of rows) {
    const seconds = { [kind]: median / 1_000 }
    if (is_total === 1) total = { ...total, ...seconds }
    else medians.set(key, { ...(medians.get(key) ?? NO_MEDIANS), ...seconds })
  }
  return { total, of: (key) => medians.get(key) ?? NO_MEDIANS }
}
