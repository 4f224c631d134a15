/** The conditions of filters in the store. */
import type { TimeZone } from '../../base/time-zone.ts'
import { eventColumns, factsColumns, type ColumnOf } from '../filter/dimension-columns.ts'
import { filterParameters, type FilterTree, treeSql } from '../filter/filter-tree.ts'
import { localTimeOf } from '../filter/local-time.ts'
import type { DimensionName } from '../dimensions.ts'
import type { TimeRange } from '../time/time-range.ts'
import { type SqlCondition, withoutDimensions } from './search-filter.ts'

/** The range and the zone of a search. */
interface SearchTime {
  readonly range: TimeRange
  readonly zone: TimeZone
}

/** Of events. A filter on the class of the actor accepts every class. */
export function eventFilterSql(filter: FilterTree | undefined, time: SearchTime): SqlCondition {
  return conditionOf(without(filter, ['actorClass']), 'occurred_at', eventColumns, time)
}

/** Of messages, with all of their events. Conditions on single events and on the step of the sending accept everything. */
export function messageFilterSql(filter: FilterTree | undefined, time: SearchTime): SqlCondition {
  return conditionOf(without(filter, ['actorClass', 'link', 'step']), 'sent_at', factsColumns, time)
}

function without(filter: FilterTree | undefined, names: readonly DimensionName[]): FilterTree | undefined {
  return withoutDimensions(filter, new Set(names))
}

function conditionOf(
  filter: FilterTree | undefined,
  timeColumn: string,
  columnsOf: (localTime: ReturnType<typeof localTimeOf>) => ColumnOf,
  { range, zone }: SearchTime,
): SqlCondition {
  if (filter === undefined) return { sql: '', parameters: {} }
  const localTime = localTimeOf(range, zone)
  const columnOf = columnsOf(localTime)
  const sql = treeSql(filter, (dimension) => columnOf(dimension, `toUnixTimestamp64Milli(${timeColumn})`))
  return { sql: ` AND ${sql}`, parameters: { ...filterParameters(filter), ...localTime.parameters } }
}
