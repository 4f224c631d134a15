/**
 * Funnels that follow from the facts of messages: from the sending through one or more of delivery, open and click. A row has the times of the first delivery, open and click
 * after the first sending, which are those that an attempt chooses, as long as the message was sent once and these events came in the order of the steps.
 */
import type { DimensionName } from '../../dimensions.ts'
import { factsColumns, valueTextSql } from '../../filter/dimension-columns.ts'
import { dimensionsOfFilter, type FilterTree, filterParameters, treeSql } from '../../filter/filter-tree.ts'
import { localTimeOf } from '../../filter/local-time.ts'
import type { FunnelQuery, FunnelStep } from '../funnel-request.ts'
import type { Selection } from '../read-classes.ts'

/** The columns of an event: the time from the sending to the first one, and to the first one that is not a machine's; and the number of all, where the facts have it. */
const EVENT_COLUMNS: Readonly<
  Record<string, { readonly all: string; readonly human?: string; readonly number?: string }>
> = {
  message_delivered: { all: 'delivered_after' },
  message_opened: { all: 'opened_after', human: 'human_opened_after', number: 'opens' },
  message_clicked: { all: 'clicked_after', human: 'human_clicked_after', number: 'clicks' },
}

/** The columns of a step. */
export interface StepColumns {
  readonly after: string
  readonly number: string | undefined
}

/** What a row knows of the sending of its message. */
const SENDING_DIMENSIONS: ReadonlySet<DimensionName> = new Set([
  ...(['channel', 'campaign', 'workflow', 'sequence', 'template', 'sourceType', 'recipientDomain'] as const),
  ...(['hourOfDay', 'dayOfWeek'] as const),
])
const NOT_MACHINE = ['human', 'unknown']

/** The columns of the steps after the first one; undefined for a funnel that needs the events. */
export function messageChainOf({
  entity,
  order,
  steps,
  exclusions,
  breakdown,
}: FunnelQuery): readonly StepColumns[] | undefined {
  const [first, ...others] = steps
  if (entity !== 'message' || order !== 'ordered' || exclusions.length > 0 || first!.event !== 'message_sent')
    return undefined
  if (breakdown && (breakdown.of !== 'entry' || !SENDING_DIMENSIONS.has(breakdown.dimension))) return undefined
  if (![...dimensionsOfFilter(first!.filter)].every((dimension) => SENDING_DIMENSIONS.has(dimension))) return undefined
  const columns = others.map(columnsOf)
  const isChain =
    columns.every((each) => each !== undefined) && new Set(others.map(({ event }) => event)).size === others.length
  return isChain ? columns : undefined
}

function columnsOf({ event, filter }: FunnelStep): StepColumns | undefined {
  const columns = EVENT_COLUMNS[event]
  const after = filter === undefined ? columns?.all : asksForNotMachine(filter) ? columns?.human : undefined
  return after === undefined ? undefined : { after, number: columns!.number }
}

function asksForNotMachine(filter: FilterTree): boolean {
  if (!('dimension' in filter) || filter.dimension !== 'actorClass' || filter.operator !== 'in') return false
  const asked = new Set(filter.values)
  return asked.size === NOT_MACHINE.length && NOT_MACHINE.every((name) => asked.has(name))
}

/** The facts of the messages of a funnel. */
export interface ChainRows {
  /**
   * A query of `message_id`, `sign`, `sent_ms`, the `value` of the breakdown, the times `after1`, `after2`, … after the sending of the steps after the first one, and `level`: the number
   * of steps that the message reached, 0 for one whose events decide, -1 for one that does not pass the filter of the first step.
   */
  readonly rows: Selection
  /** The ids of the messages whose events decide. */
  readonly undecided: Selection
  /** Counts the rows of such messages that were first sent before the range. */
  readonly sentBefore: Selection
}

/** Events after `until` do not count. */
export function chainRowsOf(
  query: FunnelQuery,
  columns: readonly StepColumns[],
  rules: number,
  until: number,
): ChainRows {
  const { steps, range, windowMs, breakdown, zone } = query
  const span = { start: range.start, end: Math.max(range.start, Math.min(range.end, until)) }
  const localTime = localTimeOf(span, zone)
  const dimensionOf = factsColumns(localTime)
  const { filter } = steps[0]!
  const passesSql = filter && treeSql(filter, (dimension) => dimensionOf(dimension, 'sent_ms'), 'factsFilter')
  const afters = columns.map(({ after }) => after)
  // Each condition is an alias, so that it is evaluated once.
  const reachedSql = afters.map(
    (after, index) =>
      `${index === 0 ? '' : `has${index} AND `}${after} >= ${afters[index - 1] ?? '0'} AND ${after} <= time_limit AS has${index + 1}`,
  )
  const backwardsSql = columns
    .slice(1)
    .map(
      ({ after, number }, index) =>
        `has${index + 1} AND ${after} >= 0 AND ${after} < ${afters[index]!}${number ? ` AND ${number} > 1` : ''}`,
    )
  const isUndecidedSql = ['disordered != 0', ...backwardsSql].map((sql) => `(${sql})`).join(' OR ')
  const levelSql = `toInt8(1 + ${afters.map((_, index) => `has${index + 1}`).join(' + ')})`
  const aliasesSql = `toUnixTimestamp64Milli(sent_at) AS sent_ms, least(${windowMs}, {factsUntil:Int64} - sent_ms) AS time_limit,
      ${reachedSql.join(',\n      ')}`
  const isInRangeSql = `sent_at >= fromUnixTimestamp64Milli({factsFrom:Int64}) AND sent_at <= fromUnixTimestamp64Milli({factsTo:Int64})`
  const parameters = { factsRules: rules, factsUntil: until, factsFrom: span.start, factsTo: span.end }
  return {
    rows: {
      sql: `
    SELECT message_id, sign, ${aliasesSql}, ${breakdown ? valueTextSql(dimensionOf, breakdown.dimension, 'sent_ms') : "''"} AS value,
      ${afters.map((after, index) => `${after} AS after${index + 1}`).join(', ')},
      ${filter ? `multiIf(${isUndecidedSql}, 0, ${passesSql}, ${levelSql}, -1)` : `if(${isUndecidedSql}, 0, ${levelSql})`} AS level
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {factsRules:UInt32} AND state != 0 AND ${isInRangeSql}
    SETTINGS optimize_use_projections = 0`,
      parameters: { ...parameters, ...filterParameters(filter, 'factsFilter'), ...localTime.parameters },
    },
    undecided: {
      sql: `
    SELECT message_id FROM (
      SELECT message_id, sign, ${aliasesSql}
      FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {factsRules:UInt32} AND state != 0 AND ${isInRangeSql} AND (${isUndecidedSql})
      SETTINGS optimize_use_projections = 0
    )
    GROUP BY message_id HAVING sum(sign) > 0
    UNION ALL
    SELECT message_id FROM (
      SELECT message_id, sign
      FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {factsRules:UInt32} AND ${WAS_SENT_BEFORE_SQL}
      SETTINGS optimize_use_projections = 0
    )
    GROUP BY message_id HAVING sum(sign) > 0`,
      parameters,
    },
    sentBefore: { sql: SENT_BEFORE_SQL, parameters: { factsRules: rules, factsFrom: span.start } },
  }
}

/** A message that was sent again may start an attempt in the range although its first sending lies before it. */
const WAS_SENT_BEFORE_SQL =
  '(disordered != 0 AND sent_at < fromUnixTimestamp64Milli({factsFrom:Int64}) AND last_event_at >= fromUnixTimestamp64Milli({factsFrom:Int64}))'

const SENT_BEFORE_SQL = `
  SELECT count() AS messages
  FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {factsRules:UInt32} AND ${WAS_SENT_BEFORE_SQL}
  SETTINGS optimize_use_projections = 0`
