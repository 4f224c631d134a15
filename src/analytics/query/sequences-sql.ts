/**
 * The statement of the dashboard of sequences. Its columns have the names of the metrics that they count.
 */
import { enrollmentBitmapSql, eventCountsSql, isCountedSql } from './metric-sql.ts'

const DAY_BITMAPS = ['enrollments', 'repliedEnrollments', 'completedEnrollments'] as const

/** The counts of a day, over the events. */
export const SEQUENCE_DAY_COUNTS_SQL = [
  eventCountsSql(['stepsExecuted']),
  ...DAY_BITMAPS.map(enrollmentBitmapSql),
].join(', ')

const mergedBitmapSql = (alias: string) => `groupBitmapMergeState(${alias}) AS ${alias}`

/**
 * One query by time and one by sequence and step, as rows of four kinds: the total of the range; its days, each with the distinct counts from the start of the range to
 * the end of the day; the sequences with the most enrollments; the steps, of which `stepsExecuted` and `repliedEnrollments` count events. An enrollment is active unless
 * it ended before the end of the range, also where it ended before its start.
 */
export const sequencesSql = (byDay: string, bySequence: string, ended: string, afterSql: string) => `
  WITH (SELECT groupBitmapMergeState(endedEnrollments) FROM ${ended}) AS ended_members
  SELECT if(is_total = 1, 'total', 'day') AS kind, bucket, '' AS sequence, 0 AS step, groupBitmapMerge(days.enrollments) OVER so_far AS enrollments,
    if(is_total = 1, bitmapAndnotCardinality(days.enrollments, ended_members), 0) AS activeEnrollments,
    groupBitmapMerge(days.repliedEnrollments) OVER so_far AS repliedEnrollments,
    groupBitmapMerge(days.completedEnrollments) OVER so_far AS completedEnrollments, days.stepsExecuted AS stepsExecuted
  FROM (
    SELECT bucket, grouping(bucket) AS is_total, sum(stepsExecuted) AS stepsExecuted, ${DAY_BITMAPS.map(mergedBitmapSql).join(', ')}
    FROM ${byDay} GROUP BY GROUPING SETS ((bucket), ())
  ) AS days
  WINDOW so_far AS (PARTITION BY is_total ORDER BY bucket ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  UNION ALL
  SELECT if(is_step = 1, 'step', 'sequence') AS kind, 0 AS bucket, ifNull(sequence_id, '') AS sequence, ifNull(step_number, 0) AS step,
    bitmapCardinality(members) AS enrollments, bitmapAndnotCardinality(members, ended_members) AS activeEnrollments,
    if(is_step = 1, replies, bitmapCardinality(members_replied)) AS repliedEnrollments,
    bitmapCardinality(members_completed) AS completedEnrollments, executions AS stepsExecuted
  FROM (
    SELECT sequence_id, step_number, grouping(sequence_id) AS is_step, groupBitmapMergeState(counts.members) AS members,
      groupBitmapMergeStateIf(counts.members, ${isCountedSql('repliedEnrollments')}) AS members_replied,
      groupBitmapMergeStateIf(counts.members, ${isCountedSql('completedEnrollments')}) AS members_completed,
      sumIf(events, ${isCountedSql('stepsExecuted')}) AS executions, sumIf(events, ${isCountedSql('repliedEnrollments')}) AS replies
    FROM ${bySequence} AS counts GROUP BY GROUPING SETS ((sequence_id), (step_number))
  )
  WHERE if(is_step = 1, step_number > 0 AND executions + replies > 0, sequence_id IS NOT NULL${afterSql && ` AND ${afterSql}`})
  QUALIFY is_step = 1 OR row_number() OVER (PARTITION BY is_step ORDER BY enrollments DESC, sequence) <= {rows:UInt32}
  ORDER BY kind, bucket, step, enrollments DESC, sequence`
