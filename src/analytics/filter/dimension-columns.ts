/** The dimensions as SQL over the events and over the facts of messages. A message has the dimensions of its first sending. */
import { type DimensionName, DIMENSIONS } from '../dimensions.ts'
import { MESSAGE_CONDITIONS, type MessageCondition } from '../engagement/message-conditions.ts'
import { WEEKDAYS } from '../time/buckets.ts'
import { type FilterColumn, type FilterLeaf, nullableColumn, presentColumn, textColumn } from './filter-tree.ts'
import type { LocalTime } from './local-time.ts'

/** Gives the SQL of a dimension. `atSql` is the time of the event or of the sending, in epoch milliseconds. */
export type ColumnOf = (dimension: DimensionName, atSql: string) => FilterColumn

/** The value of a key in a row of a response; null without one. */
export type KeyValue = string | number | null

/** The value of a key from that of its column. */
export function keyValueOf(dimension: DimensionName, stored: KeyValue): KeyValue {
  if (stored === null || stored === '') return null
  if (dimension === 'dayOfWeek') return WEEKDAYS[Number(stored)]!
  return dimension === 'hourOfDay' || dimension === 'step' ? Number(stored) : stored
}

/** The value of a dimension as a text, empty for none. */
export function valueTextSql(columnOf: ColumnOf, dimension: DimensionName, atSql: string): string {
  return `toString(ifNull(${columnOf(dimension, atSql).sql}, ''))`
}

const TEXT_COLUMNS: readonly DimensionName[] = ['channel', 'sourceType']

function timeColumn(dimension: 'hourOfDay' | 'dayOfWeek', atSql: string, localTime: LocalTime): FilterColumn {
  return presentColumn(dimension === 'hourOfDay' ? localTime.hourOfDaySql(atSql) : localTime.dayOfWeekSql(atSql))
}

/** Over `analytics_events`. The class of an open or click follows from all events of its message: no column has it. */
export function eventColumns(localTime: LocalTime): ColumnOf {
  return (dimension, atSql) => {
    if (dimension === 'hourOfDay' || dimension === 'dayOfWeek') return timeColumn(dimension, atSql, localTime)
    if (dimension === 'actorClass') throw new Error('The class of an event is not a column.')
    const { column } = DIMENSIONS[dimension]
    return TEXT_COLUMNS.includes(dimension) ? textColumn(column) : nullableColumn(column)
  }
}

const FACTS_COLUMNS = ['channel', 'campaign', 'workflow', 'sequence', 'template', 'sourceType', 'recipientDomain']

/** The classes of the last bounce with their conditions; the empty text stands for no bounce. */
const BOUNCE_CONDITIONS = [
  ['hard', 'hardBounced'],
  ['soft', 'softBounced'],
  ['block', 'blockBounced'],
  ['admin', 'adminBounced'],
  ['undetermined', 'undeterminedBounced'],
] as const satisfies (readonly [string, MessageCondition])[]
export const BOUNCE_CLASSES_OF_MESSAGES = ['', ...BOUNCE_CONDITIONS.map(([name]) => name)]

const bitOf = (condition: MessageCondition) => MESSAGE_CONDITIONS.indexOf(condition)
const BOUNCE_CLASS_SQL = `multiIf(${BOUNCE_CONDITIONS.map(([name, condition]) => `bitTest(state, ${bitOf(condition)}), '${name}'`).join(', ')}, '')`

/** The class of the last bounce of a message, from the bits of its state; empty without a bounce. */
export function bounceClassOfState(state: number): string {
  return BOUNCE_CONDITIONS.find(([, condition]) => ((state >>> bitOf(condition)) & 1) === 1)?.[0] ?? ''
}

/** Over `analytics_message_facts`. */
export function factsColumns(localTime: LocalTime): ColumnOf {
  return (dimension, atSql) => {
    if (dimension === 'hourOfDay' || dimension === 'dayOfWeek') return timeColumn(dimension, atSql, localTime)
    if (dimension === 'step') return SENDING_STEP
    if (dimension === 'bounceClass') return textColumn(BOUNCE_CLASS_SQL)
    if (!FACTS_COLUMNS.includes(dimension) || dimension === 'actorClass')
      throw new Error(`The facts of messages have no ${dimension}.`)
    const { column } = DIMENSIONS[dimension]
    return TEXT_COLUMNS.includes(dimension) ? textColumn(column) : nullableColumn(column)
  }
}

const FIRST_STEP_SQL = 'tupleElement(argMin(tuple(step_number), toString(id)), 1)'
/** The facts do not have the step: it is that of the event of the first sending. Needs the parameters `start` and `end`. */
const SENDING_STEP: FilterColumn = {
  sql: '',
  existsSql: '',
  leafSql: ({ operator }: FilterLeaf, values: string) => `(message_id, sent_at) IN (
      SELECT entity_id, occurred_at
      FROM analytics_events WHERE tenant_id = {tenant:String} AND event_type = 'message_sent'
        AND occurred_at >= fromUnixTimestamp64Milli({start:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({end:Int64})
      GROUP BY entity_id, occurred_at
      HAVING ${operator === 'exists' ? `${FIRST_STEP_SQL} IS NOT NULL` : `has(${values}, ifNull(toString(${FIRST_STEP_SQL}), ''))`})`,
}
