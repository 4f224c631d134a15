/** Engagement decay: messages by the bucket of their first sending, and by the period after it in which their first open or click came. */
import { type ColumnOf, factsColumns } from '../filter/dimension-columns.ts'
import { filterParameters, nullableColumn, treeSql } from '../filter/filter-tree.ts'
import { localTimeOf } from '../filter/local-time.ts'
import type { DimensionName } from '../dimensions.ts'
import type { FactsAsOf, MessageState } from '../engagement/facts-as-of.ts'
import { type LateMessage, readLateMessagesBy, type SelectedMessages } from '../engagement/late-messages.ts'
import { countsSql, MESSAGE_FACTS } from '../query/roll-up.ts'
import { type QueryPort, tenantQuery } from '../query/tenant-query.ts'
import type { TimeRange } from '../time/time-range.ts'
import type { EngagementCohorts } from './cohort-request.ts'
import type { CohortCounts } from './cohort-table.ts'

/** Where the time of the first such event is: in the state of a message, and in its row. */
const AFTER = {
  opened: { all: ['openedAfter', 'opened_after'], human: ['humanOpenedAfter', 'human_opened_after'] },
  clicked: { all: ['clickedAfter', 'clicked_after'], human: ['humanClickedAfter', 'human_clicked_after'] },
} as const satisfies Record<string, Record<string, readonly [keyof MessageState, string]>>

export function afterOf({ event, isHuman }: EngagementCohorts) {
  const [field, column] = AFTER[event][isHuman ? 'human' : 'all']
  return { field, column }
}

/** The messages of a range that pass the filter of a query. A message that is sent after the instant of the facts does not count. */
export function selectedMessages(
  tenantId: string,
  { filter, zone }: EngagementCohorts,
  { start, end }: TimeRange,
  facts: FactsAsOf,
): SelectedMessages {
  const range = { start, end: Math.min(end, facts.until) }
  const localTime = localTimeOf(range, zone)
  const columnOf = sendingColumns(factsColumns(localTime))
  const atSql = 'toUnixTimestamp64Milli(sent_at)'
  return {
    tenantId,
    range,
    facts,
    filter: {
      sql: filter ? ` AND ${treeSql(filter, (dimension) => columnOf(dimension, atSql))}` : '',
      parameters: filter ? { ...filterParameters(filter), ...localTime.parameters, ...range } : {},
    },
  }
}

/** What only opens, clicks and bounces have: the event of a sending has no such value. */
const OF_OTHER_EVENTS: readonly DimensionName[] = ['actorClass', 'link', 'bounceClass']

const sendingColumns =
  (columns: ColumnOf): ColumnOf =>
  (dimension, atSql) =>
    OF_OTHER_EVENTS.includes(dimension) ? nullableColumn('NULL') : columns(dimension, atSql)

interface CellRow {
  readonly bucket: number
  /** -1 for messages without such an event in the periods. */
  readonly period: number
  readonly messages: number
  readonly last_sent: number
  readonly removed_rows: number
}

/** The counts of each cohort. Rejects with a StoreFailure. */
export async function readEngagementCells(
  port: QueryPort,
  tenantId: string,
  query: EngagementCohorts,
  facts: FactsAsOf,
): Promise<readonly CohortCounts[]> {
  const { buckets, periods, periodMs, range } = query
  const { column, field } = afterOf(query)
  const messages = selectedMessages(tenantId, query, range, facts)
  const counts = countsSql({
    counted: MESSAGE_FACTS,
    rollUp: undefined,
    range: messages.range,
    buckets,
    keys: [`if(${column} >= 0 AND ${column} < ${periodMs * periods}, intDiv(${column}, ${periodMs}), -1) AS period`],
    counts:
      'sum(sign) AS messages, toUnixTimestamp64Milli(max(sent_at)) AS last_sent, countIf(sign < 0) AS removed_rows',
    rowsSql: 'rules = {rules:UInt32} AND state != 0',
    filter: messages.filter.sql,
  })
  const parameters = { ...counts.parameters, ...messages.filter.parameters, rules: facts.rules }
  const [rows, late] = await Promise.all([
    port.query(tenantId, tenantQuery<CellRow>('cohort_decay', `SELECT * FROM ${counts.sql}`, parameters)),
    readLateMessagesBy<string>('cohorts', port, messages, "''"),
  ])
  const cells = new CellCounts(query, rows)
  for (const message of late) cells.correct(message, field)
  return Promise.all(
    cells.cohorts.map(async ({ index, size, counts: byPeriod, lastSent, removedRows }) => {
      const end = query.edges[index + 1]!
      const isDecided = removedRows === 0 || end + periods * periodMs <= facts.until
      const last = isDecided ? lastSent : await readLastSending(port, query, messages, index)
      const firstSent = Math.max(range.start, buckets[index]!)
      return {
        index,
        size,
        counts: byPeriod,
        completePeriods: Math.max(0, Math.floor((facts.until - last) / periodMs)),
        begunPeriods: Math.max(0, Math.floor((facts.until - firstSent) / periodMs) + 1),
      }
    }),
  )
}

interface CohortSums {
  readonly index: number
  size: number
  readonly counts: number[]
  /** Of all rows, those included that were removed. */
  lastSent: number
  removedRows: number
}

class CellCounts {
  readonly #query: EngagementCohorts
  readonly #byBucket = new Map<number, CohortSums>()

  constructor(query: EngagementCohorts, rows: readonly CellRow[]) {
    this.#query = query
    for (const { bucket, period, messages, last_sent, removed_rows } of rows) {
      let sums = this.#byBucket.get(bucket)
      if (sums === undefined) {
        const counts = Array.from({ length: query.periods }, () => 0)
        sums = { index: query.buckets.indexOf(bucket), size: 0, counts, lastSent: -Infinity, removedRows: 0 }
        this.#byBucket.set(bucket, sums)
      }
      sums.size += messages
      if (period >= 0) sums.counts[period]! += messages
      sums.lastSent = Math.max(sums.lastSent, last_sent)
      sums.removedRows += removed_rows
    }
  }

  /** Those with members. */
  get cohorts(): CohortSums[] {
    return [...this.#byBucket.values()].filter(({ size }) => size > 0)
  }

  /** Counts a message with the events that count in place of all. */
  correct({ sentAt, weight, stored, counted }: LateMessage, field: ReturnType<typeof afterOf>['field']): void {
    const { buckets, periods, periodMs } = this.#query
    const sums = this.#byBucket.get(buckets.findLast((start) => start <= sentAt)!)
    const add = (after: number, messages: number) => {
      const period = Math.floor(after / periodMs)
      if (after >= 0 && period < periods) sums!.counts[period]! += messages
    }
    add(stored[field], -weight)
    add(counted[field], weight)
  }
}

const lastSendingSql = (filter: string) => `
  SELECT toUnixTimestamp64Milli(sent_at) AS last_sent
  FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32} AND state != 0
    AND sent_at >= fromUnixTimestamp64Milli({from:Int64}) AND sent_at <= fromUnixTimestamp64Milli({to:Int64})${filter}
  GROUP BY sent_at HAVING sum(sign) > 0
  ORDER BY sent_at DESC
  LIMIT 1
  SETTINGS optimize_use_projections = 0`

/** The last first sending of a cohort: a removed row may have a later one. */
async function readLastSending(
  port: QueryPort,
  query: EngagementCohorts,
  { tenantId, facts, filter }: SelectedMessages,
  index: number,
): Promise<number> {
  const { start, end } = rangeOfCohort(query, index)
  const parameters = { ...filter.parameters, rules: facts.rules, from: start, to: end }
  const sql = lastSendingSql(filter.sql)
  const [row] = await port.query(tenantId, tenantQuery<{ last_sent: number }>('cohort_last_sending', sql, parameters))
  return row?.last_sent ?? Infinity
}

/** The part of the range of a query that lies in the bucket of a cohort. */
export function rangeOfCohort({ range, edges }: Pick<EngagementCohorts, 'range' | 'edges'>, index: number): TimeRange {
  return { start: Math.max(range.start, edges[index]!), end: Math.min(range.end, edges[index + 1]! - 1) }
}
