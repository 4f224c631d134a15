/**
 * The SQL of the registry's metrics, so that two dashboards never disagree. Each expression has its metric's name as its alias, and is spelled as in the projections:
 * the engine reads a projection only for an expression that it contains.
 */
import { COUNTS, type CountName, MESSAGE_METRICS, RUN_METRICS } from '../metrics.ts'

/** The counts of events. */
export type EventMetricName = {
  [Name in CountName]: (typeof COUNTS)[Name]['kind'] extends 'events' ? Name : never
}[CountName]

type EnrollmentMetricName = Extract<CountName, `${string}nrollments`>

/** The condition of the events that a metric counts. */
export function isCountedSql(name: CountName): string {
  const { eventTypes } = COUNTS[name]
  if (eventTypes === undefined) return '1'
  if ('prefix' in eventTypes) return `startsWith(event_type, '${eventTypes.prefix}')`
  return eventTypes.length === 1 ? `event_type = '${eventTypes[0]}'` : `event_type IN (${quotedList(eventTypes)})`
}

/** The condition of the events that any of the metrics counts: their types one by one, since the table is ordered by event type. */
export function isAnyCountedSql(names: readonly EventMetricName[]): string {
  return `event_type IN (${quotedList(names.flatMap((name) => COUNTS[name].eventTypes))})`
}

/** Counts of events, over the events. `condition` begins with ` AND ` and narrows them. */
export function eventCountsSql(names: readonly EventMetricName[], condition = ''): string {
  return names.map((name) => `countIf(${isCountedSql(name)}${condition}) AS ${name}`).join(', ')
}

/** The same counts, over rows that count the events of one type each as `events`. */
export function eventCountsByTypeSql(names: readonly EventMetricName[]): string {
  return names.map((name) => `sumIf(events, ${isCountedSql(name)}) AS ${name}`).join(', ')
}

/** Sums of counts, under the same names. */
export function sumsSql(names: readonly EventMetricName[]): string {
  return names.map((name) => `sum(${name}) AS ${name}`).join(', ')
}

/** A bitmap of the enrollments that a metric counts, over the events. */
export function enrollmentBitmapSql(name: EnrollmentMetricName): string {
  return `groupBitmapStateIf(surrogate_id, surrogate_id > 0 AND ${isCountedSql(name)}) AS ${name}`
}

export const IS_MESSAGE_SQL = isAnyCountedSql(MESSAGE_METRICS)
export const IS_RUN_SQL = isAnyCountedSql(RUN_METRICS)

function quotedList(values: readonly string[]): string {
  return values.map((value) => `'${value}'`).join(', ')
}
