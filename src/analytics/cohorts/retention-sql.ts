/** Retention in SQL, where no class of an actor decides: the events of each contact are folded by the store. */
import type { QueryParameter } from '../query/tenant-query.ts'
import type { RetentionCohorts } from './cohort-request.ts'
import type { StartIsReturn, StepEvents } from './step-events.ts'

/** The index of the bucket of an instant among the edges. */
export const indexSql = (at: string) =>
  `transform(roundDown(${at}, {edges:Array(Int64)}), {edges:Array(Int64)}, {indexes:Array(Int32)}, toInt32(-1))`

/** Whether the start event itself is among the returns. */
const OWN_SQL: Readonly<Record<StartIsReturn, string>> = {
  never: '0',
  always: '1',
  // Of the first of several start events at the same time, by id.
  sometimes: 'argMinIf(is_return, (at, event_id), is_start != 0)',
}

/** One row per contact: its first start event. */
const firstTimeSql = (rows: string, own: string) => `
    SELECT contact, minIf(at, is_start != 0) AS started, ${own} AS own, groupArrayIf(at, is_return != 0) AS returns
    FROM ${rows}
    GROUP BY contact HAVING countIf(is_start != 0) > 0 AND started >= {start:Int64}`

/** One row per contact and bucket: its first start event there. No event is before 1970. */
const recurringSql = (rows: string, startIsReturn: StartIsReturn) => {
  const hasIds = startIsReturn === 'sometimes'
  const [start, at, own] = hasIds
    ? ['(at, event_id, is_return)', (value: string) => `${value}.1`, 'first.3']
    : ['at', (value: string) => value, startIsReturn === 'always' ? '1' : '0']
  const none = hasIds ? "(toInt64(-1), '', toUInt8(0))" : 'toInt64(-1)'
  return `
    SELECT contact, ${at('first')} AS started, ${own} AS own, returns
    FROM (
      SELECT contact, returns, arrayJoin(firsts) AS first
      FROM (
        SELECT contact, arraySort(groupArrayIf(${start}, is_start != 0)) AS starts, groupArrayIf(at, is_return != 0) AS returns,
          arrayFilter((each, before) -> ${at('before')} < 0 OR ${indexSql(at('each'))} != ${indexSql(at('before'))}, starts, arrayPushFront(arrayPopBack(starts), ${none})) AS firsts
        FROM ${rows}
        GROUP BY contact HAVING notEmpty(starts)
      )
    )`
}

/**
 * The members of cohorts: contact, started, cohort (index of the bucket), later (the times of the returns that count), hits (the periods of them, each once; where a return counts
 * in all periods before it too, the last one only).
 */
export function membersSql({ mode, counting }: RetentionCohorts, events: StepEvents): string {
  const { startIsReturn } = events
  const rows = events.rowsSql(startIsReturn === 'sometimes' ? ['toString(id) AS event_id'] : [], 'flags')
  const starts = mode === 'firstTime' ? firstTimeSql(rows, OWN_SQL[startIsReturn]) : recurringSql(rows, startIsReturn)
  const periods = `arrayMap(each -> ${indexSql('each')} - cohort, later)`
  const hits =
    counting === 'on'
      ? `arrayFilter(each -> each < {periods:Int32}, arrayDistinct(${periods}))`
      : `if(empty(later), emptyArrayInt64(), [toInt64(least(arrayMax(${periods}), {periods:Int32} - 1))])`
  return `(
    SELECT contact, started, ${indexSql('started')} AS cohort,
      if(countEqual(returns, started) > own, arrayFilter(each -> each >= started, returns), arrayFilter(each -> each > started, returns)) AS later,
      ${hits} AS hits
    FROM (${starts}
    )
  )`
}

/** The parameters of `membersSql`. */
export function membersParameters(
  { edges, periods }: RetentionCohorts,
  events: StepEvents,
): Readonly<Record<string, QueryParameter>> {
  return { ...events.parameters, edges, indexes: edges.map((_, index) => index), periods }
}
