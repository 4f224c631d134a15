/** Adds up the facts of messages to the numbers of a funnel. The messages whose order of events the facts do not tell are added from their events. */
import { type KeyValue, keyValueOf } from '../../filter/dimension-columns.ts'
import type { FactsAsOf } from '../../engagement/facts-as-of.ts'
import { type QueryPort, tenantQuery } from '../../query/tenant-query.ts'
import type { FunnelQuery } from '../funnel-request.ts'
import type { FunnelNumbers, FunnelTotals } from '../funnel-totals.ts'
import type { Selection } from '../read-classes.ts'
import { type ChainRows, chainRowsOf, type StepColumns } from './message-chain.ts'
import { readTimes, timeColumnsSql, timesRowSql, type TimesRow } from './read-times.ts'

export interface FactsReading {
  readonly tenantId: string
  readonly query: FunnelQuery
  /** Those of the steps after the first one. */
  readonly columns: readonly StepColumns[]
  readonly facts: FactsAsOf
  /** The starts of the buckets of the trend; empty without one. */
  readonly buckets: readonly number[]
}

interface GroupRow {
  readonly level: number
  readonly is_open: number
  readonly bucket: number
  readonly value: string
  readonly messages: number
}

/** The numbers of messages by level from -1, and those of them whose window has not ended. */
interface LevelsRow extends TimesRow {
  readonly levels: readonly number[]
  readonly open: readonly number[]
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
  const { sql, parameters } = rows.sentBefore
  const sentBefore = tenantQuery<{ messages: number }>('funnel_sent_before', sql, parameters)
  const [again] = await port.query(tenantId, sentBefore)
  const [counted] = await port.query(tenantId, levelsQuery(reading, rows))
  const { levels, open } = counted!
  if (query.breakdown || buckets.length > 0)
    for (const { level, is_open, bucket, value, messages } of await port.query(tenantId, groupsQuery(reading, rows)))
      totals.count({ level, isOpen: is_open === 1, value: valueOf(query, value), enteredAt: bucket, count: messages })
  else
    for (let level = 1; level <= query.steps.length; level++) {
      const entities = { level, value: null, enteredAt: 0 }
      totals.count({ ...entities, isOpen: true, count: open[level + 1]! })
      totals.count({ ...entities, isOpen: false, count: levels[level + 1]! - open[level + 1]! })
    }
  if (again!.messages > 0 || levels[1]! > 0) await addEntities(rows.undecided)
  const times = await readTimes(port, tenantId, rows, counted!, totals.sortedTimes())
  return { ...totals.numbers(), times: [undefined, ...times.slice(0, -1)], overall: times.at(-1) }
}

function valueOf({ breakdown }: FunnelQuery, text: string): KeyValue {
  return breakdown ? keyValueOf(breakdown.dimension, text) : null
}

/** The condition that the window of a message that has not reached the last step has not ended. */
const isOpenSql = ({ steps }: FunnelQuery) => `level < ${steps.length} AND sent_ms > {openAfter:Int64}`
const openParameters = ({ query, facts }: FactsReading) => ({ openAfter: facts.until - query.windowMs })

function levelsQuery(reading: FactsReading, { rows }: ChainRows) {
  const { query } = reading
  const stepCount = query.steps.length
  const byLevel = `0, ${stepCount + 2}, 1`
  const sql = `
  SELECT levels, open, ${timesRowSql(stepCount)}
  FROM (
    SELECT sumResample(${byLevel})(sign, level + 1) AS levels, sumResampleIf(${byLevel})(sign, level + 1, ${isOpenSql(query)}) AS open,
      ${timeColumnsSql(stepCount)}
    FROM (${rows.sql})
  )`
  return tenantQuery<LevelsRow>('funnel_levels', sql, { ...rows.parameters, ...openParameters(reading) })
}

function groupsQuery(reading: FactsReading, { rows }: ChainRows) {
  const { query, buckets } = reading
  const bucketSql = buckets.length > 0 ? 'roundDown(sent_ms, {buckets:Array(Int64)})' : '0'
  const sql = `
  SELECT level, ${isOpenSql(query)} AS is_open, ${bucketSql} AS bucket, value, sum(sign) AS messages
  FROM (${rows.sql})
  WHERE level > 0
  GROUP BY level, is_open, bucket, value HAVING messages != 0`
  const parameters = { ...rows.parameters, ...openParameters(reading), ...(buckets.length > 0 ? { buckets } : {}) }
  return tenantQuery<GroupRow>('funnel_groups', sql, parameters)
}
