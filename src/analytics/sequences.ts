import { type Static, Type } from '@sinclair/typebox'
import { bucketStarts, denseSeries, formatInstant } from './buckets.ts'
import { type Dashboard, equalityFilter, IN_RANGE_SQL } from './dashboard.ts'
import { findNames } from './names.ts'
import { tenantQuery } from './query.ts'
import { rate } from './rates.ts'
import { COUNT_SQL, countsSql, DAYS, QUARTER_HOURS } from './roll-up.ts'
import {
  count,
  entityIdParameter,
  instant,
  limitParameter,
  object,
  percentage,
  rangeParameters,
  text,
} from './schemas.ts'

export const SequencesParameters = object(
  { ...rangeParameters('30d'), sequenceId: entityIdParameter('sequence'), limit: limitParameter() },
  'What the sequences dashboard can be asked.',
)

export const Sequences = object(
  {
    summary: object(
      {
        totalEnrollments: count('Distinct enrollments with any step or enrollment event in the range'),
        activeEnrollments: count(
          'Those that had not completed, replied, exited, unsubscribed or bounced by the end of the range',
        ),
        completedEnrollments: count('Distinct enrollments that completed in the range'),
        repliedEnrollments: count('Distinct enrollments that replied in the range'),
        avgReplyRate: percentage('Replied ÷ enrollments'),
      },
      'Totals of the range.',
    ),
    stepFunnel: Type.Array(
      object(
        {
          stepNumber: Type.Integer({ minimum: 1, description: 'The step, counted from 1' }),
          executed: count('Executions of the step'),
          replied: count('Replies that name the step'),
        },
        'One step.',
      ),
      { description: 'The steps with events, by number.' },
    ),
    topSequences: Type.Array(
      object(
        {
          sequenceId: text('Id of the sequence'),
          name: text('Its newest known name, else its id'),
          enrollments: count('Distinct enrollments with any event in the range'),
          active: count('Those still active at the end of the range'),
          completed: count('Distinct enrollments that completed in the range'),
          replied: count('Distinct enrollments that replied in the range'),
          replyRate: percentage('Replied ÷ enrollments'),
        },
        'One sequence.',
      ),
      { description: 'Most enrollments first, ties by id.' },
    ),
    timeSeries: Type.Array(
      object(
        {
          timestamp: instant('Start of the day'),
          enrolled: count('Enrollments whose first event in the range lies in this day'),
          executed: count('Step executions'),
          replied: count('Enrollments whose first reply in the range lies in this day'),
          completed: count('Enrollments whose first completion in the range lies in this day'),
        },
        'Counts of one day.',
      ),
      {
        description:
          'One item a day, days without events included; enrolled, replied and completed add up to the summary.',
      },
    ),
  },
  'Sequences of a range.',
)
export type Sequences = Static<typeof Sequences>

export interface SequencesFilters {
  readonly sequenceId?: string | undefined
  readonly limit?: number | undefined
}

const ENDED_SQL =
  "event_type IN ('sequence_enrollment_completed', 'sequence_enrollment_replied', 'sequence_enrollment_exited', " +
  "'sequence_enrollment_unsubscribed', 'sequence_enrollment_bounced')"
const UP_TO_END_SQL = 'occurred_at <= fromUnixTimestamp64Milli({end:Int64})'

/**
 * One reading answers the summary and the days: each enrollment stands once in the day of its first event, first reply and first completion within the range,
 * so that the days add up to the distinct counts. What ended before the range counts as ended.
 */
const enrollmentsSql = (filter: string) => `
  SELECT roundDown(first.1, {buckets:Array(Int64)}) AS bucket,
    countIf(first.2 = 'enrolled') AS enrolled, countIf(first.2 = 'enrolled' AND has_ended = 0) AS active,
    countIf(first.2 = 'replied') AS replied, countIf(first.2 = 'completed') AS completed
  FROM (
    SELECT max(${ENDED_SQL}) AS has_ended,
      minIf(at, at >= {start:Int64}) AS enrolled_at,
      minIf(at, at >= {start:Int64} AND event_type = 'sequence_enrollment_replied') AS replied_at,
      minIf(at, at >= {start:Int64} AND event_type = 'sequence_enrollment_completed') AS completed_at,
      arrayJoin(arrayFilter(one -> one.1 > 0, [(enrolled_at, 'enrolled'), (replied_at, 'replied'), (completed_at, 'completed')])) AS first
    FROM (
      SELECT event_type, enrollment_id, toUnixTimestamp64Milli(occurred_at) AS at
      FROM analytics_events WHERE tenant_id = {tenant:String} AND startsWith(event_type, 'sequence_') AND enrollment_id IS NOT NULL
        AND ${UP_TO_END_SQL}${filter}
    )
    GROUP BY enrollment_id
  )
  GROUP BY bucket`

const IS_STEP_SQL = "event_type IN ('sequence_step_executed', 'sequence_enrollment_replied')"
const EXECUTED_SQL = "countIf(event_type = 'sequence_step_executed') AS executed"

const stepsSql = (counts: string) => `
  SELECT * FROM (
    SELECT assumeNotNull(step_number) AS step, sumIf(events, event_type = 'sequence_step_executed') AS executed,
      sumIf(events, event_type = 'sequence_enrollment_replied') AS replied
    FROM ${counts} GROUP BY step
  )
  WHERE executed + replied > 0
  ORDER BY step`

const topSql = (filter: string) => `
  SELECT assumeNotNull(sequence_id) AS sequence,
    uniqExact(enrollment_id) AS enrollments,
    uniqExactIf(enrollment_id, enrollment_id NOT IN (
      SELECT enrollment_id
      FROM analytics_events WHERE tenant_id = {tenant:String} AND ${ENDED_SQL} AND enrollment_id IS NOT NULL AND ${UP_TO_END_SQL}${filter}
    )) AS active,
    uniqExactIf(enrollment_id, event_type = 'sequence_enrollment_completed') AS completed,
    uniqExactIf(enrollment_id, event_type = 'sequence_enrollment_replied') AS replied
  FROM analytics_events WHERE tenant_id = {tenant:String} AND startsWith(event_type, 'sequence_') AND sequence_id IS NOT NULL
    AND ${IN_RANGE_SQL}${filter}
  GROUP BY sequence
  ORDER BY enrollments DESC, sequence
  LIMIT {limit:UInt32}`

type EnrollmentsRow = { bucket: number; enrolled: number; active: number; replied: number; completed: number }
type StepRow = { step: number; executed: number; replied: number }
type SeriesRow = { bucket: number; executed: number }
type TopRow = { sequence: string; enrollments: number; active: number; completed: number; replied: number }

export const sequences: Dashboard<SequencesFilters, Sequences> = async (
  port,
  { tenantId, range, zone, sequenceId, limit = 10 },
) => {
  const buckets = bucketStarts(range, 'day', zone)
  const filter = equalityFilter('sequence_id', 'sequenceId', sequenceId)
  const parameters = { ...range, ...filter.parameters }
  const series = countsSql({
    rollUp: sequenceId === undefined ? QUARTER_HOURS : undefined,
    range,
    buckets,
    counts: EXECUTED_SQL,
    eventTypesSql: "event_type = 'sequence_step_executed'",
    filter: filter.sql,
  })
  const bySteps = countsSql({
    rollUp: DAYS,
    range,
    keys: ['step_number', 'event_type'],
    counts: COUNT_SQL,
    eventTypesSql: IS_STEP_SQL,
    filter: ` AND step_number > 0${filter.sql}`,
  })
  const [enrollments, executed, steps, top] = await Promise.all([
    port.query(
      tenantId,
      tenantQuery<EnrollmentsRow>('sequences', enrollmentsSql(filter.sql), { ...parameters, buckets }),
    ),
    port.query(
      tenantId,
      tenantQuery<SeriesRow>(
        'sequences_series',
        `SELECT bucket, sum(executed) AS executed FROM ${series.sql} GROUP BY bucket`,
        { ...series.parameters, ...filter.parameters },
      ),
    ),
    port.query(
      tenantId,
      tenantQuery<StepRow>('sequences_steps', stepsSql(bySteps.sql), { ...bySteps.parameters, ...filter.parameters }),
    ),
    port.query(tenantId, tenantQuery<TopRow>('sequences_top', topSql(filter.sql), { ...parameters, limit })),
  ])
  const name = await findNames(
    port,
    tenantId,
    'sequence',
    top.map((row) => row.sequence),
  )
  const total = { enrolled: 0, active: 0, replied: 0, completed: 0 }
  for (const row of enrollments) {
    total.enrolled += row.enrolled
    total.active += row.active
    total.replied += row.replied
    total.completed += row.completed
  }
  const executedIn = new Map(executed.map((row) => [row.bucket, row.executed]))
  return {
    summary: {
      totalEnrollments: total.enrolled,
      activeEnrollments: total.active,
      completedEnrollments: total.completed,
      repliedEnrollments: total.replied,
      avgReplyRate: rate(total.replied, total.enrolled),
    },
    stepFunnel: steps.map((row) => ({ stepNumber: row.step, executed: row.executed, replied: row.replied })),
    topSequences: top.map((row) => ({
      sequenceId: row.sequence,
      name: name(row.sequence),
      enrollments: row.enrollments,
      active: row.active,
      completed: row.completed,
      replied: row.replied,
      replyRate: rate(row.replied, row.enrollments),
    })),
    timeSeries: denseSeries(buckets, enrollments, (row, start) => ({
      timestamp: formatInstant(start),
      enrolled: row?.enrolled ?? 0,
      executed: executedIn.get(start) ?? 0,
      replied: row?.replied ?? 0,
      completed: row?.completed ?? 0,
    })),
  }
}
