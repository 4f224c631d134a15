/** Reads counts of events and of distinct contacts, campaigns and enrollments, from the roll-up that has all dimensions of the query, else from the rows. */
import { type EventMetricName, isAnyCountedSql, isCountedSql, eventCountsSql, sumsSql } from '../../query/metric-sql.ts'
import { COUNTS, type CountName, MESSAGE_METRICS } from '../../metrics.ts'
import type { DimensionName } from '../../dimensions.ts'
import {
  countsSql,
  DAILY_ROLL_UP,
  DISTINCT_BITMAP_SQL,
  EVENT_COUNT_SQL,
  QUARTER_HOUR_ROLL_UP,
  type RollUp,
} from '../../query/roll-up.ts'
import { type QueryPort, tenantQuery } from '../../query/tenant-query.ts'
import { eventColumns } from '../../filter/dimension-columns.ts'
import { dimensionsOfFilter, filterParameters } from '../../filter/filter-tree.ts'
import { conditionSql, keysSql } from './group-sql.ts'
import { type Groups, type GroupsRequest, type KeyedRow, MAX_GROUPS, readsRows } from './groups.ts'

/** What the projections are grouped by. */
const QUARTER_HOUR_DIMENSIONS: readonly DimensionName[] = ['channel']
const DAILY_DIMENSIONS: readonly DimensionName[] = ['channel', 'campaign', 'workflow', 'sequence', 'template', 'step']
/** The counts of the projection by quarter hour that have no further condition. */
const QUARTER_HOUR_COUNTS: readonly CountName[] = [...MESSAGE_METRICS, 'stepsExecuted']
const TIME_DIMENSIONS: readonly DimensionName[] = ['hourOfDay', 'dayOfWeek']

/** The columns of the rows that are counted distinctly. The surrogate ids of bitmaps stand for enrollments in all events, but for contacts in those of campaigns only. */
const DISTINCT_COLUMNS: Readonly<Partial<Record<CountName, string>>> = {
  recipients: 'contact_id',
  campaignsStarted: 'campaign_id',
  campaignsCompleted: 'campaign_id',
}

/** How the counts of a query are read. */
interface EventPlan {
  readonly quarterHour: readonly CountName[]
  /** By event type: from the daily roll-up, else from the rows. */
  readonly byType: readonly CountName[]
  readonly rollUp: RollUp | undefined
  readonly distinct: readonly CountName[]
}

/** Chooses the smallest source that contains the counts with all dimensions. */
function planEvents(request: GroupsRequest, names: readonly CountName[]): EventPlan {
  const used = [...new Set([...request.dimensions, ...dimensionsOfFilter(request.filter)])]
  const { isAlignedWithQuarterHours } = request.localTime
  const fitsQuarterHour = used.every(
    (dimension) =>
      QUARTER_HOUR_DIMENSIONS.includes(dimension) || (TIME_DIMENSIONS.includes(dimension) && isAlignedWithQuarterHours),
  )
  const fitsDay = used.every((dimension) => DAILY_DIMENSIONS.includes(dimension))
  const distinct = names.filter((name) => DISTINCT_COLUMNS[name] !== undefined)
  const others = names.filter((name) => !distinct.includes(name))
  const isOfRows = readsRows(request)
  const quarterHour = others.filter((name) => !isOfRows && fitsQuarterHour && QUARTER_HOUR_COUNTS.includes(name))
  return {
    quarterHour,
    byType: others.filter((name) => !quarterHour.includes(name)),
    rollUp: fitsDay && !isOfRows ? DAILY_ROLL_UP : undefined,
    distinct,
  }
}

/** Adds the counts to the groups. Rejects with a StoreFailure, or with TOO_MANY_GROUPS. */
export async function readEvents(
  port: QueryPort,
  request: GroupsRequest,
  names: readonly CountName[],
  groups: Groups,
): Promise<void> {
  const plan = planEvents(request, names)
  const read = async (name: string, counted: readonly CountName[], statementOf: StatementOf) => {
    if (counted.length === 0) return
    const { sql, parameters } = statementOf(request, counted, plan)
    const bound = {
      ...parameters,
      ...filterParameters(request.filter),
      ...request.localTime.parameters,
      rows: MAX_GROUPS + 1,
    }
    for (const row of await port.query(request.tenantId, tenantQuery<KeyedRow>(name, sql, bound))) {
      const { counts } = groups.ofRow(row)
      for (const count of counted) counts[count] = Number(row[count])
    }
  }
  await Promise.all([
    read('query_quarter_hours', plan.quarterHour, quarterHourStatement),
    read('query_event_types', plan.byType, byTypeStatement),
    read('query_distinct', plan.distinct, distinctStatement),
  ])
}

type StatementOf = (
  request: GroupsRequest,
  names: readonly CountName[],
  plan: EventPlan,
) => { readonly sql: string; readonly parameters: Readonly<Record<string, number | readonly number[]>> }

const quarterHourStatement: StatementOf = (request, names) => {
  const { range, parts, buckets, localTime } = request
  const columns = eventColumns(localTime)
  const { keys, selectSql, groupSql } = keysSql(request, columns)
  const counted = names as readonly EventMetricName[]
  const counts = countsSql({
    rollUp: QUARTER_HOUR_ROLL_UP,
    range,
    parts,
    ...(buckets ? { buckets } : {}),
    keys,
    counts: eventCountsSql(counted),
    rowsSql: isAnyCountedSql(counted),
    filter: conditionSql(request, columns),
  })
  const sql = `
  SELECT ${selectSql}${sumsSql(counted)}
  FROM ${counts.sql}
  ${groupSql} HAVING ${counted.map((name) => `${name} > 0`).join(' OR ')}
  LIMIT {rows:UInt32}`
  return { sql, parameters: counts.parameters }
}

const byTypeStatement: StatementOf = (request, names, { rollUp }) => {
  const { range, parts, buckets, localTime } = request
  const columns = eventColumns(localTime)
  const { keys, selectSql, groupSql } = keysSql(request, columns)
  const condition = conditionSql(request, columns)
  const isDistinct = (name: CountName) => COUNTS[name].kind === 'distinct'
  const hasDistinct = names.some(isDistinct)
  const typesSql = `(${names.map(isCountedSql).join(' OR ')})`
  const counts = countsSql({
    rollUp,
    range,
    parts,
    ...(buckets ? { buckets } : {}),
    keys: [...keys, 'event_type'],
    counts: hasDistinct ? `${EVENT_COUNT_SQL}, ${DISTINCT_BITMAP_SQL}` : EVENT_COUNT_SQL,
    rowsSql: '1',
    // Once for steps and rows: each further condition takes the engine milliseconds to analyse.
    filter: (atSql) => ` AND ${typesSql}${condition(atSql)}`,
  })
  const totals = names.map((name) =>
    isDistinct(name)
      ? `groupBitmapMergeIf(members, ${isCountedSql(name)}) AS ${name}`
      : `sumIf(events, ${isCountedSql(name)}) AS ${name}`,
  )
  const sql = `
  SELECT ${selectSql}${totals.join(', ')}
  FROM ${counts.sql}
  ${groupSql}
  LIMIT {rows:UInt32}`
  return { sql, parameters: counts.parameters }
}

const distinctStatement: StatementOf = (request, names) => {
  const { range, parts, buckets, localTime } = request
  const columns = eventColumns(localTime)
  const { keys, selectSql, groupSql } = keysSql(request, columns)
  const condition = conditionSql(request, columns)
  const typesSql = `(${names.map(isCountedSql).join(' OR ')})`
  const members = [...new Set(names.map((name) => DISTINCT_COLUMNS[name]!))]
  // Each member once per group and event type.
  const rows = countsSql({
    rollUp: undefined,
    range,
    parts,
    ...(buckets ? { buckets } : {}),
    keys: [...keys, 'event_type'],
    counts: members.map((column) => `uniqExactState(${column}) AS members_${column}`).join(', '),
    rowsSql: typesSql,
    filter: condition,
  })
  const totals = names.map(
    (name) => `uniqExactMergeIf(members_${DISTINCT_COLUMNS[name]!}, ${isCountedSql(name)}) AS ${name}`,
  )
  const sql = `
  SELECT ${selectSql}${totals.join(', ')}
  FROM ${rows.sql}
  ${groupSql}
  LIMIT {rows:UInt32}`
  return { sql, parameters: rows.parameters }
}
