/** The order of a list by an engagement rate, the highest first. */
import { Type } from '@sinclair/typebox'
import { ENGAGEMENT_RATES, type EngagementRateName } from './engagement-metrics.ts'
import { countsSql, MESSAGE_FACTS, MESSAGES_BY_DAY } from '../query/roll-up.ts'
import type { QueryParameter, QueryPort } from '../query/tenant-query.ts'
import { rateHundredthsSql } from '../rates.ts'
import { choice } from '../schemas.ts'
import { aliasOf, bitOf, columnsSql, placesOfRate } from './engagement-sums.ts'
import { requireFacts } from './facts-as-of.ts'
import { readLateMessages } from './late-messages.ts'
import type { EngagementQuestion, EngagementRequest } from './read-engagement.ts'

const SORT_RATES = [
  'humanOpenRate',
  'humanClickRate',
  'complaintRate',
  'hardBounceRate',
] as const satisfies EngagementRateName[]
type SortRate = (typeof SORT_RATES)[number]

export const sortParameter = (defaultOrder: string) =>
  Type.Optional(
    choice(
      SORT_RATES,
      `Orders the items by this engagement rate, the highest first, ties by id; without it ${defaultOrder}.`,
    ),
  )

/** A subquery with the rate of each item, in hundredths, as `engagement_rate`. */
export interface RateOrder {
  readonly sql: string
  readonly parameters: Readonly<Record<string, QueryParameter>>
}

const LATE_SQL = (column: string, [part, whole]: readonly [number, number]) => `
    UNION ALL
    SELECT tupleElement(late, 1) AS ${column}, tupleElement(late, 2) AS ${aliasOf(part)}, tupleElement(late, 3) AS ${aliasOf(whole)}
    FROM (SELECT arrayJoin(arrayZip({lateItems:Array(String)}, {lateParts:Array(Int64)}, {lateWholes:Array(Int64)})) AS late)`

/** The rates of all items of the range, each under the name `item`. */
export async function readRateOrder(
  port: QueryPort,
  request: EngagementRequest,
  { name, column, filter }: Pick<EngagementQuestion, 'name' | 'column' | 'filter'>,
  rate: SortRate,
): Promise<RateOrder> {
  const { tenantId, range } = request
  const facts = requireFacts(request)
  const places = placesOfRate(ENGAGEMENT_RATES[rate])
  const itemFilter = { ...filter, sql: ` AND ${column} IS NOT NULL${filter.sql}` }
  const counts = countsSql({
    counted: MESSAGE_FACTS,
    rollUp: MESSAGES_BY_DAY,
    range,
    keys: [column],
    counts: columnsSql(places),
    rowsSql: '1',
    filter: ` AND rules = {rules:UInt32}${itemFilter.sql}`,
    parameterPrefix: 'facts_',
  })
  const late = await readLateMessages(name, port, { tenantId, range, facts, column, filter: itemFilter })
  const corrections = late.map(({ key, weight, stored, counted }) => {
    const [part, whole] = places.map((place) => weight * (bitOf(counted, place) - bitOf(stored, place)))
    return { key, part: part!, whole: whole! }
  })
  const [part, whole] = places.map((place) => `sum(${aliasOf(place)})`)
  const sql = `(
    SELECT assumeNotNull(${column}) AS item, ${rateHundredthsSql(part!, whole!)} AS engagement_rate
    FROM (SELECT * FROM ${counts.sql}${late.length > 0 ? LATE_SQL(column, places) : ''})
    GROUP BY item
  )`
  const lateParameters = {
    lateItems: corrections.map(({ key }) => key),
    lateParts: corrections.map((each) => each.part),
    lateWholes: corrections.map((each) => each.whole),
  }
  return {
    sql,
    parameters: { ...counts.parameters, rules: facts.rules, ...(late.length > 0 ? lateParameters : {}) },
  }
}
