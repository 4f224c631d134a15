/** Reads the exact medians of the delays until people open or click, by group. */
import { countsSql, MESSAGE_FACTS } from '../../query/roll-up.ts'
import { type QueryPort, tenantQuery } from '../../query/tenant-query.ts'
import { factsColumns } from '../../filter/dimension-columns.ts'
import { delaysRollUp } from './facts-roll-ups.ts'
import { filterParameters } from '../../filter/filter-tree.ts'
import { conditionSql, keysSql } from './group-sql.ts'
import { type FactsRequest, type Group, type Groups, type KeyedRow, MAX_GROUPS } from './groups.ts'

/** How many messages more or fewer have a delay than their rows say. */
export interface CorrectedDelay {
  /** The texts of the key columns, empty for a missing value. */
  readonly keys: readonly string[]
  readonly bucket: number | undefined
  readonly delay: number
  readonly messages: number
}

/** The median of each group that has one, in seconds; of an even number the lower of the two middle ones. */
export async function readMedianDelays(
  port: QueryPort,
  request: FactsRequest,
  kind: 'open' | 'click',
  corrections: readonly CorrectedDelay[],
  groups: Groups,
): Promise<{ readonly group: Group; readonly median: number }[]> {
  const { tenantId, range, buckets, dimensions, filter, localTime, facts } = request
  const columns = factsColumns(localTime)
  const { keys, groupSql } = keysSql(request, columns)
  const condition = conditionSql(request, columns)
  const histogram = countsSql({
    counted: MESSAGE_FACTS,
    rollUp: delaysRollUp(request, kind),
    range,
    ...(buckets ? { buckets } : {}),
    keys: [...keys, `${kind}_delay AS delay`],
    counts: 'sum(sign) AS messages',
    rowsSql: '1',
    filter: (atSql) => ` AND rules = {rules:UInt32} AND ${kind}_delay >= 0${condition(atSql)}`,
  })
  const names = [...dimensions.map((_, index) => `key_${index}`), ...(buckets ? ['bucket'] : [])]
  const correction = correctionSql(corrections, dimensions.length, buckets !== undefined)
  const stored = dimensions.map((_, index) => `toString(ifNull(key_${index}, '')) AS text_${index}`)
  const texts = [
    ...dimensions.map((_, index) => `text_${index} AS key_${index}`),
    ...(buckets ? ['bucket'] : []),
    'delay',
    'messages',
  ]
  const storedSql = `SELECT ${texts.join(', ')} FROM (SELECT ${[...stored, ...(buckets ? ['bucket'] : []), 'delay', 'messages'].join(', ')} FROM ${histogram.sql})`
  const sql = `
  SELECT ${names.map((name) => `${name}, `).join('')}quantileExactWeighted(0.5)(delay, toUInt64(number)) AS median, sum(number) AS measured
  FROM (
    SELECT ${[...names, 'delay'].join(', ')}, sum(messages) AS number
    FROM (${storedSql}${correction.sql})
    GROUP BY ${[...names, 'delay'].join(', ')} HAVING number > 0
  )
  ${groupSql} HAVING measured > 0
  LIMIT {rows:UInt32}`
  const parameters = {
    ...histogram.parameters,
    ...filterParameters(filter),
    ...localTime.parameters,
    ...correction.parameters,
    rules: facts.rules,
    rows: MAX_GROUPS + 1,
  }
  const rows = await port.query(tenantId, tenantQuery<KeyedRow>('query_median_seconds', sql, parameters))
  return rows.map((row) => ({ group: groups.ofRow(row), median: Number(row['median']) / 1_000 }))
}

/** The corrections as further rows of the histogram. */
function correctionSql(corrections: readonly CorrectedDelay[], keyCount: number, hasBucket: boolean) {
  if (corrections.length === 0) return { sql: '', parameters: {} }
  const places = Array.from({ length: keyCount }, (_, index) => index)
  const columns = [
    ...places.map((index) => [`key_${index}`, `lateKey${index}`, 'String'] as const),
    ...(hasBucket ? [['bucket', 'lateBucket', 'Int64'] as const] : []),
    ['delay', 'lateDelay', 'Int64'] as const,
    ['messages', 'lateMessages', 'Int64'] as const,
  ]
  const arrays = columns.map(([, parameter, type]) => `{${parameter}:Array(${type})}`)
  return {
    sql: `
    UNION ALL
    SELECT ${columns.map(([name], index) => `tupleElement(late, ${index + 1}) AS ${name}`).join(', ')}
    FROM (SELECT arrayJoin(arrayZip(${arrays.join(', ')})) AS late)`,
    parameters: {
      ...Object.fromEntries(places.map((index) => [`lateKey${index}`, corrections.map(({ keys }) => keys[index]!)])),
      ...(hasBucket ? { lateBucket: corrections.map(({ bucket }) => bucket ?? 0) } : {}),
      lateDelay: corrections.map(({ delay }) => delay),
      lateMessages: corrections.map(({ messages }) => messages),
    },
  }
}
