/** The parts of statements that follow from the dimensions and the filter of a query. */
import type { TimedSql } from '../../query/roll-up.ts'
import type { ColumnOf } from '../../filter/dimension-columns.ts'
import { treeSql } from '../../filter/filter-tree.ts'
import type { GroupsRequest } from './groups.ts'

/** The columns of the groups, for a subquery and for the statement around it. */
export function keysSql({ dimensions, buckets }: GroupsRequest, columnOf: ColumnOf) {
  const keys: TimedSql[] = dimensions.map(
    (dimension, index) => (atSql: string) => `${columnOf(dimension, atSql).sql} AS key_${index}`,
  )
  const names = [...dimensions.map((_, index) => `key_${index}`), ...(buckets ? ['bucket'] : [])]
  return {
    keys,
    selectSql: names.map((name) => `${name}, `).join(''),
    groupSql: names.length === 0 ? '' : `GROUP BY ${names.join(', ')}`,
  }
}

/** The filter as a condition with ` AND ` in front; empty without one. */
export function conditionSql({ filter }: GroupsRequest, columnOf: ColumnOf): (atSql: string) => string {
  return (atSql) => (filter ? ` AND ${treeSql(filter, (dimension) => columnOf(dimension, atSql))}` : '')
}
