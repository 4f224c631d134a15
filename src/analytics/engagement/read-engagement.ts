/** Reads the engagement of the messages that were first sent in a range: in total, by a key and by bucket. */
import type { EngagementCountName, EngagementValues } from './engagement-metrics.ts'
import { countsSql, MESSAGE_FACTS, MESSAGES_BY_DAY, type RollUp } from '../query/roll-up.ts'
import { type QueryPort, tenantQuery } from '../query/tenant-query.ts'
import type { TimeRange } from '../time/time-range.ts'
import {
  accumulateMessage,
  accumulateSums,
  countsOf,
  type EngagementSums,
  ratesOf,
  SUM_COLUMNS_SQL,
  SUMS_OF_COLUMNS_SQL,
  ZERO_SUMS,
} from './engagement-sums.ts'
import { type FactsAsOf, type FactsInProgress, requireFacts } from './facts-as-of.ts'
import { type LateMessage, type MessagesRequest, readLateMessages } from './late-messages.ts'
import { type MedianDelays, readDelayClasses, readMedians } from './median-delays.ts'

/** The part of a dashboard's request that selects messages. */
export interface EngagementRequest {
  readonly tenantId: string
  readonly range: TimeRange
  readonly facts?: FactsAsOf | FactsInProgress | undefined
}

export interface EngagementQuestion {
  /** Of the dashboard. */
  readonly name: string
  /** Undefined where no roll-up contains the conditions of the filter. */
  readonly rollUp: RollUp | undefined
  readonly column: MessagesRequest['column']
  /** The starts of the buckets, for counts by bucket. */
  readonly buckets?: readonly number[]
  readonly filter: MessagesRequest['filter']
}

type EngagementCounts = Record<EngagementCountName, number>

export interface Engagement {
  readonly total: EngagementValues
  /** By the value of the column; the empty text stands for none. Zeros without a message. */
  of(key: string): EngagementValues
  /** By the start of the bucket. Zeros without a message. */
  ofBucket(bucket: number): EngagementCounts
}

interface SumsRow {
  readonly is_bucket: number
  readonly bucket: number
  readonly key: string | null
  readonly sums: EngagementSums
}

interface SumsOfMessages {
  readonly total: number[]
  readonly byKey: Map<string, number[]>
  readonly byBucket: Map<number, number[]>
}

export async function readEngagement(
  port: QueryPort,
  request: EngagementRequest,
  question: EngagementQuestion,
): Promise<Engagement> {
  const { tenantId, range } = request
  const { name, column, buckets, filter } = question
  const facts = requireFacts(request)
  const messages = { tenantId, range, facts, column, filter }
  const [sums, late, delayClasses] = await Promise.all([
    readSums(port, { tenantId, range, rules: facts.rules }, question),
    readLateMessages(name, port, messages),
    readDelayClasses(name, port, messages),
  ])
  const medians = await readMedians(name, port, messages, delayClasses, late)
  correct(sums, late, buckets)
  return {
    total: valuesOf(sums.total, medians.total),
    of: (key) => valuesOf(sums.byKey.get(key) ?? ZERO_SUMS, medians.of(key)),
    ofBucket: (bucket) => countsOf(sums.byBucket.get(bucket) ?? ZERO_SUMS),
  }
}

/** The items whose engagement is read at once. */
const ITEMS_PER_READ = 100

/** Reads the engagement of the items of a list. */
export async function readItemsEngagement(
  port: QueryPort,
  request: EngagementRequest,
  { filter, ...question }: Omit<EngagementQuestion, 'rollUp' | 'buckets'>,
  ids: readonly string[],
): Promise<Pick<Engagement, 'of'>> {
  const values = new Map<string, EngagementValues>()
  for (let start = 0; start < ids.length; start += ITEMS_PER_READ) {
    const items = ids.slice(start, start + ITEMS_PER_READ)
    const itemsFilter = {
      sql: ` AND ${question.column} IN {items:Array(String)}${filter.sql}`,
      parameters: { ...filter.parameters, items },
    }
    const engagement = await readEngagement(port, request, {
      ...question,
      rollUp: MESSAGES_BY_DAY,
      filter: itemsFilter,
    })
    for (const id of items) values.set(id, engagement.of(id))
  }
  return { of: (id) => values.get(id)! }
}

function valuesOf(sums: EngagementSums, { open, click }: MedianDelays): EngagementValues {
  return { ...countsOf(sums), ...ratesOf(sums), medianSecondsToOpen: open, medianSecondsToClick: click }
}

/** The sums with all events, whenever they occur. */
async function readSums(
  port: QueryPort,
  { tenantId, range, rules }: { readonly tenantId: string; readonly range: TimeRange; readonly rules: number },
  { name, rollUp, column, buckets, filter }: EngagementQuestion,
): Promise<SumsOfMessages> {
  const counts = countsSql({
    counted: MESSAGE_FACTS,
    rollUp,
    range,
    ...(buckets ? { buckets } : {}),
    keys: [column],
    counts: SUM_COLUMNS_SQL,
    rowsSql: '1',
    filter: ` AND rules = {rules:UInt32}${filter.sql}`,
  })
  const sql = `
  SELECT ${buckets ? `grouping(${column}) AS is_bucket, bucket` : '0 AS is_bucket'}, ${column} AS key, ${SUMS_OF_COLUMNS_SQL} AS sums
  FROM ${counts.sql}
  GROUP BY ${buckets ? `GROUPING SETS ((${column}), (bucket))` : column}`
  const parameters = { ...counts.parameters, ...filter.parameters, rules }
  const sums: SumsOfMessages = { total: [...ZERO_SUMS], byKey: new Map(), byBucket: new Map() }
  for (const row of await port.query(tenantId, tenantQuery<SumsRow>(`${name}_engagement`, sql, parameters)))
    if (row.is_bucket === 1) sums.byBucket.set(row.bucket, [...row.sums])
    else {
      sums.byKey.set(row.key ?? '', [...row.sums])
      accumulateSums(sums.total, row.sums)
    }
  return sums
}

/** Counts late messages as they are without their late events. */
function correct(
  { total, byKey, byBucket }: SumsOfMessages,
  late: readonly LateMessage[],
  buckets?: readonly number[],
) {
  for (const { key, sentAt, weight, stored, counted } of late) {
    const bucket = buckets?.findLast((start) => start <= sentAt)
    for (const sums of [total, byKey.get(key), bucket === undefined ? undefined : byBucket.get(bucket)]) {
      if (!sums) continue
      accumulateMessage(sums, stored, -weight)
      accumulateMessage(sums, counted, weight)
    }
  }
}
