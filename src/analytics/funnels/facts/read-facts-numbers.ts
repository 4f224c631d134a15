/** Adds up the facts of messages to the numbers of a funnel. The messages whose order of events the facts do not tell are added from their events. */
import { type KeyValue, keyValueOf } from '../../filter/dimension-columns.ts'
import type { FactsAsOf } from '../../engagement/facts-as-of.ts'
import { type QueryPort, tenantQuery } from '../../query/tenant-query.ts'
import type { FunnelQuery } from '../funnel-request.ts'
import type { FunnelNumbers, FunnelTotals } from '../funnel-totals.ts'
import type { Selection } from '../read-classes.ts'
import { type ChainRows, chainRowsOf } from './message-chain.ts'
import { readTimes } from './read-times.ts'

export interface FactsReading {
  readonly tenantId: string
  readonly query: FunnelQuery
  /** Those of the steps after the first one. */
  readonly columns: readonly string[]
  readonly facts: FactsAsOf
  /** The starts of the buckets of the trend; empty without one. */
  readonly buckets: readonly number[]
}

interface LevelRow {
  readonly level: number
  readonly is_open: number
  readonly bucket: number
  readonly value: string
  readonly messages: number
}

/** `addEntities` adds the messages that a subquery selects to the totals, from their events. Rejects with a StoreFailure. */
export async function readNumbersOfFacts(
  port: QueryPort,
  reading: FactsReading,
  totals: FunnelTotals,
  addEntities: (among: Selection) => Promise<void>,
): Promise<FunnelNumbers> {
  const { tenantId, query, columns, facts, buckets } = reading
  const rows = chainRowsOf(query, columns, facts.rules, facts.until)
  const levels = await port.query(
    tenantId,
    tenantQuery<LevelRow>('funnel_levels', ...levelsQuery(query, rows, facts.until, buckets)),
  )
  const sentBefore = tenantQuery<{ messages: number }>(
    'funnel_sent_before',
    rows.sentBefore.sql,
    rows.sentBefore.parameters,
  )
  const [{ messages }] = (await port.query(tenantId, sentBefore)) as [{ messages: number }]
  const valueOf = (text: string): KeyValue => (query.breakdown ? keyValueOf(query.breakdown.dimension, text) : null)
  for (const { level, is_open, bucket, value, messages: count } of levels)
    if (level > 0) totals.count({ level, isOpen: is_open === 1, value: valueOf(value), enteredAt: bucket, count })
  if (messages > 0 || levels.some(({ level }) => level === 0)) await addEntities(rows.undecided)
  const [overall, ...times] = (await readTimes(port, tenantId, rows, columns.length, totals.sortedTimes())).toReversed()
  return { ...totals.numbers(), times: [undefined, ...times.toReversed()], overall }
}

function levelsQuery({ steps, windowMs }: FunnelQuery, { rows }: ChainRows, until: number, buckets: readonly number[]) {
  const bucketSql = buckets.length > 0 ? 'roundDown(sent_ms, {buckets:Array(Int64)})' : '0'
  const sql = `
  SELECT level, level < ${steps.length} AND sent_ms > {openAfter:Int64} AS is_open, ${bucketSql} AS bucket, value, sum(sign) AS messages
  FROM (${rows.sql})
  GROUP BY level, is_open, bucket, value HAVING messages != 0`
  return [sql, { ...rows.parameters, ...(buckets.length > 0 ? { buckets } : {}), openAfter: until - windowMs }] as const
}
