import { type Static, Type } from '@sinclair/typebox'
import { bucketStarts, denseSeries, formatInstant } from './buckets.ts'
import { type Dashboard, equalityFilter } from './dashboard.ts'
import { findNames } from './names.ts'
import { tenantQuery } from './query.ts'
import { rate } from './rates.ts'
import { COUNT_SQL, countsSql, DAYS, ENROLLMENT_DAYS, fits, MEMBERS_SQL, QUARTER_HOURS } from './roll-up.ts'
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
const REPLIED_SQL = "event_type = 'sequence_enrollment_replied'"
const COMPLETED_SQL = "event_type = 'sequence_enrollment_completed'"
const EXECUTED_SQL = "event_type = 'sequence_step_executed'"
const IS_SEQUENCE_SQL = "startsWith(event_type, 'sequence_')"

/** Bitmaps of the enrollments with such an event, spelled as in the projection by quarter of an hour. */
const enrollments = (condition: string, alias: string) =>
  `groupBitmapStateIf(member_number, member_number > 0 AND ${condition}) AS ${alias}`
const ENDED_COUNT_SQL = enrollments(ENDED_SQL, 'ended')
const DAY_COUNTS_SQL = [
  `countIf(${EXECUTED_SQL}) AS executed`,
  enrollments(IS_SEQUENCE_SQL, 'enrolled'),
  enrollments(REPLIED_SQL, 'replied'),
  enrollments(COMPLETED_SQL, 'completed'),
].join(', ')
const merged = (alias: string) => `groupBitmapMergeState(${alias}) AS ${alias}`

/**
 * One reading by time and one by sequence and step, as rows of four kinds: the total of the range; its days, each with the distinct counts from the range's start up to
 * the day's end; the sequences with most enrollments; the steps, whose `executed` and `replied` count events. Active is who has not ended up to the range's end,
 * whenever that was.
 */
const sequencesSql = (byDay: string, bySequence: string, ended: string) => `
  WITH (SELECT groupBitmapMergeState(ended) FROM ${ended}) AS ended_members
  SELECT if(is_total = 1, 'total', 'day') AS kind, bucket, '' AS sequence, 0 AS step, groupBitmapMerge(days.enrolled) OVER so_far AS enrolled,
    if(is_total = 1, bitmapAndnotCardinality(days.enrolled, ended_members), 0) AS active, groupBitmapMerge(days.replied) OVER so_far AS replied,
    groupBitmapMerge(days.completed) OVER so_far AS completed, days.executed AS executed
  FROM (
    SELECT bucket, grouping(bucket) AS is_total, sum(executed) AS executed, ${['enrolled', 'replied', 'completed'].map(merged).join(', ')}
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
  WHERE if(is_step = 1, step_number > 0 AND executions + replies > 0, sequence_id IS NOT NULL)
  QUALIFY is_step = 1 OR row_number() OVER (PARTITION BY is_step ORDER BY enrolled DESC, sequence) <= {limit:UInt32}
  ORDER BY kind, bucket, step, enrolled DESC, sequence`

interface Row {
  readonly kind: 'total' | 'day' | 'sequence' | 'step'
  readonly bucket: number
  readonly sequence: string
  readonly step: number
  readonly enrolled: number
  readonly active: number
  readonly replied: number
  readonly completed: number
  readonly executed: number
}

const NONE = { enrolled: 0, active: 0, replied: 0, completed: 0 }

export const sequences: Dashboard<SequencesFilters, Sequences> = async (
  port,
  { tenantId, range, zone, sequenceId, limit = 10 },
) => {
  const buckets = bucketStarts(range, 'day', zone)
  const filter = equalityFilter('sequence_id', 'sequenceId', sequenceId)
  const isOfAll = sequenceId === undefined
  const byTime = fits(ENROLLMENT_DAYS, range, buckets) ? ENROLLMENT_DAYS : QUARTER_HOURS
  const byDay = countsSql({
    rollUp: isOfAll ? byTime : undefined,
    range,
    buckets,
    counts: DAY_COUNTS_SQL,
    eventTypesSql: IS_SEQUENCE_SQL,
    filter: filter.sql,
  })
  const bySequence = countsSql({
    rollUp: DAYS,
    range,
    keys: ['sequence_id', 'step_number', 'event_type'],
    counts: `${COUNT_SQL}, ${MEMBERS_SQL}`,
    eventTypesSql: IS_SEQUENCE_SQL,
    filter: ` AND ${IS_SEQUENCE_SQL}${filter.sql}`,
    prefix: 'sequence_',
  })
  const ended = countsSql({
    rollUp: isOfAll ? ENROLLMENT_DAYS : undefined,
    range: { start: 0, end: range.end },
    counts: ENDED_COUNT_SQL,
    eventTypesSql: ENDED_SQL,
    filter: filter.sql,
    prefix: 'ended_',
  })
  const rows = await port.query(
    tenantId,
    tenantQuery<Row>('sequences', sequencesSql(byDay.sql, bySequence.sql, ended.sql), {
      ...byDay.parameters,
      ...bySequence.parameters,
      ...ended.parameters,
      ...filter.parameters,
      limit,
    }),
  )
  const ofKind = (kind: Row['kind']) => rows.filter((row) => row.kind === kind)
  const [days, steps, top] = [ofKind('day'), ofKind('step'), ofKind('sequence')]
  const name = await findNames(
    port,
    tenantId,
    'sequence',
    top.map((row) => row.sequence),
  )
  const [total = NONE] = ofKind('total')
  const added = days.map((row, index) => {
    const before = days[index - 1] ?? NONE
    return {
      ...row,
      enrolled: row.enrolled - before.enrolled,
      replied: row.replied - before.replied,
      completed: row.completed - before.completed,
    }
  })
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
      enrollments: row.enrolled,
      active: row.active,
      completed: row.completed,
      replied: row.replied,
      replyRate: rate(row.replied, row.enrolled),
    })),
    timeSeries: await denseSeries(buckets, added, (row, start) => ({
      timestamp: formatInstant(start),
      enrolled: row?.enrolled ?? 0,
      executed: row?.executed ?? 0,
      replied: row?.replied ?? 0,
      completed: row?.completed ?? 0,
    })),
  }
}
