/** The start and return events of retention in SQL: which events of contacts are which. */
import { eventColumns } from '../filter/dimension-columns.ts'
import { filterParameters, type FilterTree, passesSql, treeSql } from '../filter/filter-tree.ts'
import { localTimeOf } from '../filter/local-time.ts'
import type { DimensionName } from '../dimensions.ts'
import { dependsOn } from '../drill-down/search-filter.ts'
import { ACTOR_CLASSES } from '../engagement/actor-classes.ts'
import type { QueryParameter } from '../query/tenant-query.ts'
import type { CohortEvent, RetentionCohorts } from './cohort-request.ts'

const CLASS: ReadonlySet<DimensionName> = new Set(['actorClass'])
/** The classes of an event, one bit each; the first one stands for events without a class. */
export const EVENT_CLASSES = ['', ...ACTOR_CLASSES] as const
export const ALL_CLASSES = 2 ** EVENT_CLASSES.length - 1
/** No event is stored for longer. Zones change their offsets, so that the local time of each instant is known for a span only. */
const STORED_MS = 3 * 366 * 86_400_000

/** Whether the start event of a contact is a return event too: never, always, or as its filter says. */
export type StartIsReturn = 'never' | 'always' | 'sometimes'

export interface StepEvents {
  /** The rows of events: contact, at (epoch milliseconds), is_start, is_return, and `columns`. */
  rowsSql(columns: readonly string[], kind: 'flags' | 'classes'): string
  readonly parameters: Readonly<Record<string, QueryParameter>>
  readonly startIsReturn: StartIsReturn
}

/** Whether the class of an open or click decides. */
export function needsClasses({ start, return: back }: RetentionCohorts): boolean {
  return [start, back].some(({ filter }) => dependsOn(filter, CLASS))
}

/** Whether no class decides which events are starts, and no event can be a start and a return. */
export function hasPlainStarts({ start, return: back }: RetentionCohorts): boolean {
  return start.event !== back.event && !dependsOn(start.filter, CLASS)
}

/**
 * Events up to `until`. With `flags`, is_start and is_return are 0 or 1; with `classes`, they have one bit per class with which the event would be one. Where there are several
 * batches, the parameter `batch` chooses the contacts of one of them.
 */
export function stepEventsOf(query: RetentionCohorts, until: number, batches: number): StepEvents {
  const { start, return: back, range, edges, mode, counting, zone } = query
  const localTime = localTimeOf({ start: Math.min(range.start, until - STORED_MS), end: until }, zone)
  const columnOf = (dimension: DimensionName) => eventColumns(localTime)(dimension, 'at')
  const startTime = mode === 'recurring' ? 'at >= {start:Int64} AND at <= {end:Int64}' : 'at <= {end:Int64}'
  const returnTime = `at >= {start:Int64}${counting === 'on' ? ' AND at < {edgesEnd:Int64}' : ''}`
  const conditionSql = (filter: FilterTree | undefined, time: string, name: string, kind: 'flags' | 'classes') => {
    if (kind === 'classes') return `(${time}) * ${passesSql(filter, 'actorClass', EVENT_CLASSES, columnOf, name)}`
    return filter ? `(${time} AND ${treeSql(filter, columnOf, name)})` : `(${time})`
  }
  const isSameType = start.event === back.event
  const batchSql = batches > 1 ? ' AND cityHash64(assumeNotNull(contact_id)) % {batches:UInt32} = {batch:UInt32}' : ''
  const partSql = (columns: readonly string[], event: string, isStart: string, isReturn: string) => `
      SELECT assumeNotNull(contact_id) AS contact, toUnixTimestamp64Milli(occurred_at) AS at, toUInt8(${isStart}) AS is_start, toUInt8(${isReturn}) AS is_return${columns.map((column) => `, ${column}`).join('')}
      FROM analytics_events WHERE tenant_id = {tenant:String} AND event_type = {${event}:String} AND contact_id IS NOT NULL
        AND occurred_at <= fromUnixTimestamp64Milli({until:Int64}) AND (is_start != 0 OR is_return != 0)${batchSql}
      SETTINGS optimize_use_projections = 0`
  return {
    rowsSql(columns, kind) {
      const isStart = conditionSql(start.filter, startTime, 'startFilter', kind)
      const isReturn = conditionSql(back.filter, returnTime, 'returnFilter', kind)
      const parts = isSameType
        ? [partSql(columns, 'startEvent', isStart, isReturn)]
        : [partSql(columns, 'startEvent', isStart, '0'), partSql(columns, 'returnEvent', '0', isReturn)]
      return `(${parts.join('\n      UNION ALL')}\n    )`
    },
    parameters: {
      startEvent: start.event,
      returnEvent: back.event,
      start: range.start,
      end: range.end,
      until,
      edgesEnd: edges.at(-1)!,
      batches,
      ...localTime.parameters,
      ...filterParameters(start.filter, 'startFilter'),
      ...filterParameters(back.filter, 'returnFilter'),
    },
    startIsReturn: !isSameType ? 'never' : areEqual(start, back) ? 'always' : 'sometimes',
  }
}

function areEqual(one: CohortEvent, other: CohortEvent): boolean {
  return JSON.stringify(one.filter ?? null) === JSON.stringify(other.filter ?? null)
}
