/** Reads what became of the messages of a query by their dimensions: sums over the facts of messages, and medians of delays. */
import {
  ENGAGEMENT_MEDIANS,
  type EngagementMetricName,
  type EngagementMedianName,
} from '../../engagement/engagement-metrics.ts'
import {
  accumulateMessage,
  aliasOf,
  columnsSql,
  countsOf,
  placesOfMetric,
  ratesOf,
  ZERO_SUMS,
} from '../../engagement/engagement-sums.ts'
import { type LateMessage, readLateMessagesBy } from '../../engagement/late-messages.ts'
import { countsSql, MESSAGE_FACTS, MESSAGES_BY_QUARTER_HOUR } from '../../query/roll-up.ts'
import type { DimensionName } from '../../dimensions.ts'
import { type QueryPort, tenantQuery } from '../../query/tenant-query.ts'
import { BOUNCE_CLASSES_OF_MESSAGES, bounceClassOfState, factsColumns } from '../../filter/dimension-columns.ts'
import { sumsRollUp } from './facts-roll-ups.ts'
import { dimensionsOfFilter, filterParameters, passesSql } from '../../filter/filter-tree.ts'
import { conditionSql, keysSql } from './group-sql.ts'
import { type FactsRequest, type Group, type Groups, type KeyedRow, MAX_GROUPS, readsRows } from './groups.ts'
import { type CorrectedDelay, readMedianDelays } from './read-medians.ts'

/** Whether a message of a group has events after the instant until which events count. */
const LATE_SQL = 'max(last_event) > fromUnixTimestamp64Milli({until:Int64})'
const SENT_AT_SQL = 'toUnixTimestamp64Milli(sent_at)'

function isMedian(name: EngagementMetricName): name is EngagementMedianName {
  return Object.hasOwn(ENGAGEMENT_MEDIANS, name)
}

/** Adds the metrics to the groups. Rejects with a StoreFailure, or with TOO_MANY_GROUPS. */
export async function readEngagementOf(
  port: QueryPort,
  request: FactsRequest,
  names: readonly EngagementMetricName[],
  groups: Groups,
): Promise<void> {
  const summed = names.filter((name) => !isMedian(name))
  const medians = names.filter(isMedian)
  const places = [...new Set(summed.flatMap((name) => placesOfMetric(name)))]
  const tellsLate = places.length > 0 && sumsTellLate(request)
  const [sums, lateAtOnce] = await Promise.all([
    readSums(port, request, places, tellsLate),
    tellsLate ? undefined : readLate(port, request),
  ])
  const late = lateAtOnce ?? (sums.hasLate ? await readLate(port, request) : [])
  for (const { key, sentAt, weight, stored, counted } of late) {
    if (!isWithin(request, sentAt)) continue
    const bucket = request.buckets?.findLast((start) => start <= sentAt)
    correct(sums.of(keysOfLate(request, key, stored.state), bucket), key, stored, -weight)
    correct(sums.of(keysOfLate(request, key, counted.state), bucket), key, counted, weight)
  }
  for (const { group, values } of sums.into(groups)) {
    const all = { ...countsOf(values), ...ratesOf(values) }
    for (const name of summed) group.engagement[name] = all[name]
    group.sums = values
  }
  await Promise.all(
    medians.map(async (name) => {
      const kind = ENGAGEMENT_MEDIANS[name].until === 'firstHumanOpen' ? 'open' : 'click'
      const corrections = late.flatMap((message) => correctionsOf(request, message, kind))
      for (const { group, median } of await readMedianDelays(port, request, kind, corrections, groups))
        group.engagement[name] = median
    }),
  )
}

function isWithin({ parts }: FactsRequest, instant: number): boolean {
  return parts === undefined || parts.some(({ start, end }) => start <= instant && instant <= end)
}

/** The keys of a late message: a text for each dimension, then the bits of the bounce classes with which it passes the filter. */
type LateKey = readonly string[]

/** Whether the read of the sums tells by the way if there are late messages, which takes no further statement. */
function sumsTellLate(request: FactsRequest): boolean {
  // A late message may pass a filter on bounce classes although its row does not.
  if (dimensionsOfFilter(request.filter).has('bounceClass')) return false
  return readsRows(request) || sumsRollUp(request) === MESSAGES_BY_QUARTER_HOUR
}

/** The sums of each group while they are being corrected. */
class SumsOfGroups {
  /** Whether a message has events after the instant until which events count, if the read tells it. */
  hasLate = false
  readonly #sums = new Map<string, { readonly row: KeyedRow; readonly values: number[] }>()

  of(row: KeyedRow, bucket: number | undefined): number[] {
    const keyed: KeyedRow = bucket === undefined ? row : { ...row, bucket }
    const name = JSON.stringify(Object.entries(keyed).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    const found = this.#sums.get(name)
    if (found) return found.values
    const values = [...ZERO_SUMS]
    this.#sums.set(name, { row: keyed, values })
    return values
  }

  /** The groups that have a message. */
  into(groups: Groups): { readonly group: Group; readonly values: readonly number[] }[] {
    return [...this.#sums.values()].flatMap(({ row, values }) =>
      values.some((value) => value !== 0) ? [{ group: groups.ofRow(row), values }] : [],
    )
  }
}

async function readSums(port: QueryPort, request: FactsRequest, places: readonly number[], tellsLate: boolean) {
  const sums = new SumsOfGroups()
  if (places.length === 0) return sums
  const { tenantId, range, buckets, dimensions, localTime, facts } = request
  const columns = factsColumns(localTime)
  const { keys, selectSql, groupSql } = keysSql(request, columns)
  const condition = conditionSql(request, columns)
  const counts = countsSql({
    counted: MESSAGE_FACTS,
    rollUp: sumsRollUp(request),
    range,
    parts: request.parts,
    ...(buckets ? { buckets } : {}),
    keys,
    counts: tellsLate ? `${columnsSql(places)}, max(last_event_at) AS last_event` : columnsSql(places),
    rowsSql: '1',
    filter: (atSql) => ` AND rules = {rules:UInt32}${condition(atSql)}`,
  })
  const sql = `
  SELECT ${selectSql}${places.map((place) => `sum(${aliasOf(place)}) AS ${aliasOf(place)}`).join(', ')}${tellsLate ? `, ${LATE_SQL} AS is_late` : ''}
  FROM ${counts.sql}
  ${groupSql} HAVING ${[...places.map((place) => `${aliasOf(place)} != 0`), ...(tellsLate ? ['is_late'] : [])].join(' OR ')}
  LIMIT {rows:UInt32}`
  const parameters = {
    ...counts.parameters,
    ...filterParameters(request.filter),
    ...localTime.parameters,
    rules: facts.rules,
    until: facts.until,
    rows: MAX_GROUPS + 1,
  }
  for (const row of await port.query(tenantId, tenantQuery<KeyedRow>('query_messages', sql, parameters))) {
    const keyed = Object.fromEntries(dimensions.map((_, index) => [`key_${index}`, row[`key_${index}`] || '']))
    const bucket = row['bucket']
    const values = sums.of(keyed, typeof bucket === 'number' ? bucket : undefined)
    for (const place of places) values[place] = Number(row[aliasOf(place)])
    if (row['is_late']) sums.hasLate = true
  }
  return sums
}

function readLate(port: QueryPort, request: FactsRequest): Promise<readonly LateMessage<LateKey>[]> {
  const { tenantId, range, dimensions, filter, localTime, facts } = request
  const columnOf = (dimension: DimensionName) => factsColumns(localTime)(dimension, SENT_AT_SQL)
  // A late message may have another bounce class at the instant than in its row.
  const passes = passesSql(filter, 'bounceClass', BOUNCE_CLASSES_OF_MESSAGES, columnOf)
  const keys = dimensions.map((dimension) => `toString(ifNull(${columnOf(dimension).sql}, ''))`)
  return readLateMessagesBy<LateKey>(
    'query',
    port,
    {
      tenantId,
      range,
      facts,
      filter: {
        sql: filter ? ` AND ${passes} != 0` : '',
        parameters: { ...filterParameters(filter), ...localTime.parameters, ...range },
      },
    },
    `[${[...keys, `toString(${passes})`].join(', ')}]`,
  )
}

function keysOfLate({ dimensions }: FactsRequest, key: LateKey, state: number): KeyedRow {
  return Object.fromEntries(
    dimensions.map((dimension, index) => [
      `key_${index}`,
      dimension === 'bounceClass' ? bounceClassOfState(state) : key[index]!,
    ]),
  )
}

function isPassing(key: LateKey, state: number): boolean {
  const bit = BOUNCE_CLASSES_OF_MESSAGES.indexOf(bounceClassOfState(state))
  return ((Number(key.at(-1)) >>> bit) & 1) === 1
}

function correct(sums: number[], key: LateKey, message: LateMessage['stored'], weight: number): void {
  if (isPassing(key, message.state)) accumulateMessage(sums, message, weight)
}

/** The delay of a late message that does not count, removed, and that which does. */
function correctionsOf(
  request: FactsRequest,
  { key, sentAt, weight, stored, counted }: LateMessage<LateKey>,
  kind: 'open' | 'click',
): CorrectedDelay[] {
  const bucket = request.buckets?.findLast((start) => start <= sentAt)
  const correction = (message: LateMessage['stored'], messages: number) => {
    const delay = message[`${kind}Delay`]
    if (delay < 0 || !isPassing(key, message.state)) return []
    return [{ keys: Object.values(keysOfLate(request, key, message.state)).map(String), bucket, delay, messages }]
  }
  return [...correction(stored, -weight), ...correction(counted, weight)]
}
