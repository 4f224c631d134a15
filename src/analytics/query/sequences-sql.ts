/**
 * What is counted of enrollments, and the one statement that tells all about them.
 */
export const ENROLLMENT_ENDED_SQL =
  "event_type IN ('sequence_enrollment_completed', 'sequence_enrollment_replied', 'sequence_enrollment_exited', " +
  "'sequence_enrollment_unsubscribed', 'sequence_enrollment_bounced')"
const REPLIED_SQL = "event_type = 'sequence_enrollment_replied'"
const COMPLETED_SQL = "event_type = 'sequence_enrollment_completed'"
const EXECUTED_SQL = "event_type = 'sequence_step_executed'"
export const IS_SEQUENCE_SQL = "startsWith(event_type, 'sequence_')"

/** Bitmaps of the enrollments with such an event, spelled as in the projection by quarter of an hour. */
const enrollmentBitmapSql = (condition: string, alias: string) =>
  `groupBitmapStateIf(surrogate_id, surrogate_id > 0 AND ${condition}) AS ${alias}`
export const ENDED_ENROLLMENTS_SQL = enrollmentBitmapSql(ENROLLMENT_ENDED_SQL, 'ended')
export const SEQUENCE_DAY_COUNTS_SQL = [
  `countIf(${EXECUTED_SQL}) AS executed`,
  enrollmentBitmapSql(IS_SEQUENCE_SQL, 'enrolled'),
  enrollmentBitmapSql(REPLIED_SQL, 'replied'),
  enrollmentBitmapSql(COMPLETED_SQL, 'completed'),
].join(', ')
const mergedBitmapSql = (alias: string) => `groupBitmapMergeState(${alias}) AS ${alias}`

/**
 * One reading by time and one by sequence and step, as rows of four kinds: the total of the range; its days, each with the distinct counts from the range's start up to
 * the day's end; the sequences with most enrollments; the steps, whose `executed` and `replied` count events. Active is who has not ended up to the range's end,
 * whenever that was.
 */
export const sequencesSql = (byDay: string, bySequence: string, ended: string, behindSql: string) => `
  WITH (SELECT groupBitmapMergeState(ended) FROM ${ended}) AS ended_members
  SELECT if(is_total = 1, 'total', 'day') AS kind, bucket, '' AS sequence, 0 AS step, groupBitmapMerge(days.enrolled) OVER so_far AS enrolled,
    if(is_total = 1, bitmapAndnotCardinality(days.enrolled, ended_members), 0) AS active, groupBitmapMerge(days.replied) OVER so_far AS replied,
    groupBitmapMerge(days.completed) OVER so_far AS completed, days.executed AS executed
  FROM (
    SELECT bucket, grouping(bucket) AS is_total, sum(executed) AS executed, ${['enrolled', 'replied', 'completed'].map(mergedBitmapSql).join(', ')}
    FROM ${byDay} GROUP BY GROUPING SETS ((bucket), ())
  ) AS days
  WINDOW so_far AS (PARTITION BY is_total ORDER BY bucket ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  UNION ALL
  SELECT if(is_step = 1, 'step', 'sequence') AS kind, 0 AS bucket, ifNull(sequence_id, '') AS sequence, ifNull(step_number, 0) AS step,
    bitmapCardinality(members) AS enrolled, bitmapAndnotCardinality(members, ended_members) AS active,
    if(is_step = 1, replies, bitmapCardinality(members_replied)) AS replied, bitmapCardinality(members_completed) AS completed, executions AS executed
  FROM (
    SELECT sequence_id, step_number, grouping(sequence_id) AS is_step, groupBitmapMergeState(counts.members) AS members,
      groupBitmapMergeStateIf(counts.members, ${REPLIED_SQL}) AS members_replied, groupBitmapMergeStateIf(counts.members, ${COMPLETED_SQL}) AS members_completed,
      sumIf(events, ${EXECUTED_SQL}) AS executions, sumIf(events, ${REPLIED_SQL}) AS replies
    FROM ${bySequence} AS counts GROUP BY GROUPING SETS ((sequence_id), (step_number))
  )
  WHERE if(is_step = 1, step_number > 0 AND executions + replies > 0, sequence_id IS NOT NULL${behindSql && ` AND ${behindSql}`})
  QUALIFY is_step = 1 OR row_number() OVER (PARTITION BY is_step ORDER BY enrolled DESC, sequence) <= {rows:UInt32}
  ORDER BY kind, bucket, step, enrolled DESC, sequence`
