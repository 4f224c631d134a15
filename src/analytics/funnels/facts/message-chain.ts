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

/** The column with the time after the sending: that of the first such event, and that of the first one that is not a machine's. */
const AFTER_SENDING: Readonly<Record<string, { readonly all: string; readonly human?: string }>> = {
  message_delivered: { all: 'delivered_after' },
  message_opened: { all: 'opened_after', human: 'human_opened_after' },
  message_clicked: { all: 'clicked_after', human: 'human_clicked_after' },
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
}: FunnelQuery): readonly string[] | undefined {
  const [first, ...others] = steps
  if (entity !== 'message' || order !== 'ordered' || exclusions.length > 0 || first!.event !== 'message_sent')
    return undefined
  if (breakdown && (breakdown.of !== 'entry' || !SENDING_DIMENSIONS.has(breakdown.dimension))) return undefined
  if (![...dimensionsOfFilter(first!.filter)].every((dimension) => SENDING_DIMENSIONS.has(dimension))) return undefined
  const columns = others.map(columnOf)
  const isChain =
    columns.every((column) => column !== undefined) && new Set(others.map(({ event }) => event)).size === others.length
  return isChain ? columns : undefined
}

function columnOf({ event, filter }: FunnelStep): string | undefined {
  const columns = AFTER_SENDING[event]
  return filter === undefined ? columns?.all : asksForNotMachine(filter) ? columns?.human : undefined
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
export function chainRowsOf(query: FunnelQuery, columns: readonly string[], rules: number, until: number): ChainRows {
  const { steps, range, windowMs, breakdown, zone } = query
  const span = { start: range.start, end: Math.max(range.start, Math.min(range.end, until)) }
  const localTime = localTimeOf(span, zone)
  const columnsOf = factsColumns(localTime)
  const { filter } = steps[0]!
  const passesSql = filter ? treeSql(filter, (dimension) => columnsOf(dimension, 'sent_ms'), 'factsFilter') : '1'
  const limitSql = `least(${windowMs}, {factsUntil:Int64} - sent_ms)`
  const reachedSql = columns.map(
    (column, index) => `${column} >= ${columns[index - 1] ?? '0'} AND ${column} <= ${limitSql}`,
  )
  const reachesSql = (step: number) => reachedSql.slice(0, step).join(' AND ')
  const isBackwardsSql = columns
    .slice(1)
    .map((column, index) => `${reachesSql(index + 1)} AND ${column} >= 0 AND ${column} < ${columns[index]!}`)
  const isUndecidedSql = ['disordered != 0', ...isBackwardsSql].map((sql) => `(${sql})`).join(' OR ')
  const levelsSql = columns.map((_, index) => `NOT (${reachesSql(index + 1)}), ${index + 1}`)
  const isInRangeSql = `sent_at >= fromUnixTimestamp64Milli({factsFrom:Int64}) AND sent_at <= fromUnixTimestamp64Milli({factsTo:Int64})`
  const parameters = { factsRules: rules, factsUntil: until, factsFrom: span.start, factsTo: span.end }
  return {
    rows: {
      sql: `
    SELECT message_id, sign, toUnixTimestamp64Milli(sent_at) AS sent_ms, ${breakdown ? valueTextSql(columnsOf, breakdown.dimension, 'sent_ms') : "''"} AS value,
      ${columns.map((column, index) => `${column} AS after${index + 1}`).join(', ')},
      multiIf(${isUndecidedSql}, 0, NOT ${passesSql}, -1, ${levelsSql.join(', ')}, ${steps.length}) AS level
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {factsRules:UInt32} AND state != 0 AND ${isInRangeSql}
    SETTINGS optimize_use_projections = 0`,
      parameters: { ...parameters, ...filterParameters(filter, 'factsFilter'), ...localTime.parameters },
    },
    undecided: {
      sql: `
    SELECT message_id FROM (
      SELECT message_id, sign, toUnixTimestamp64Milli(sent_at) AS sent_ms, ${isUndecidedSql} AS is_undecided
      FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {factsRules:UInt32} AND state != 0 AND (${isInRangeSql} OR ${WAS_SENT_BEFORE_SQL})
      SETTINGS optimize_use_projections = 0
    )
    WHERE is_undecided GROUP BY message_id HAVING sum(sign) > 0`,
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
