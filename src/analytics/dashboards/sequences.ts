import { type Static, Type } from '@sinclair/typebox'
import { bucketStarts, denseSeries, formatInstant } from '../time/buckets.ts'
import { type Dashboard, equalityFilter } from '../dashboard.ts'
import { cutPage, type ListOrder, listQuery, nextCursor, withNextCursor, type PageRequest } from '../query/list-page.ts'
import { findEntityNames } from '../query/entity-names.ts'
import { tenantQuery } from '../query/tenant-query.ts'
import { rate } from '../rates.ts'
import {
  EVENT_COUNT_SQL,
  countsSql,
  DAILY_ROLL_UP,
  DAILY_ENROLLMENT_ROLL_UP,
  bucketsAlignWithSteps,
  DISTINCT_BITMAP_SQL,
  QUARTER_HOUR_ROLL_UP,
} from '../query/roll-up.ts'
import {
  SEQUENCE_DAY_COUNTS_SQL,
  ENDED_ENROLLMENTS_SQL,
  ENROLLMENT_ENDED_SQL,
  IS_SEQUENCE_SQL,
  sequencesSql,
} from '../query/sequences-sql.ts'
import {
  count,
  entityIdParameter,
  instant,
  object,
  pageParameters,
  percentage,
  rangeParameters,
  text,
} from '../schemas.ts'

export const SequencesParameters = object(
  { ...rangeParameters('30d'), sequenceId: entityIdParameter('sequence'), ...pageParameters() },
  'What the sequences dashboard can be asked.',
)

export const Sequences = object(
  {
    summary: object(
      {
        totalEnrollments: count('Distinct enrollments with any step or enrollment event in the range'),
        activeEnrollments: count(
          'Enrollments that had not completed, replied, exited, unsubscribed or bounced by the end of the range',
        ),
        completedEnrollments: count('Distinct enrollments that completed in the range'),
        repliedEnrollments: count('Distinct enrollments that replied in the range'),
        avgReplyRate: percentage('Replied ÷ enrollments'),
      },
      'Totals of the range.',
      'SequencesSummary',
    ),
    stepFunnel: Type.Array(
      object(
        {
          stepNumber: Type.Integer({ minimum: 1, description: 'The step, counted from 1' }),
          executed: count('Executions of the step'),
          replied: count('Replies that name the step'),
        },
        'One step.',
        'SequenceStep',
      ),
      { description: 'The steps with events, by number.' },
    ),
    topSequences: Type.Array(
      object(
        {
          sequenceId: text('Id of the sequence'),
          name: text('The latest known name, or the id if no name is known'),
          enrollments: count('Distinct enrollments with any event in the range'),
          active: count('Enrollments that are active at the end of the range'),
          completed: count('Distinct enrollments that completed in the range'),
          replied: count('Distinct enrollments that replied in the range'),
          replyRate: percentage('Replied ÷ enrollments'),
        },
        'One sequence.',
        'Sequence',
      ),
      { description: 'Most enrollments first, ties by id.' },
    ),
    timeSeries: Type.Array(
      object(
        {
          timestamp: instant('Start of the day'),
          enrolled: count('Enrollments whose first event in the range is on this day'),
          executed: count('Step executions'),
          replied: count('Enrollments whose first reply in the range is on this day'),
          completed: count('Enrollments whose first completion in the range is on this day'),
        },
        'Counts of one day.',
        'SequencesDay',
      ),
      {
        description:
          'One item per day, days without events included. The values of enrolled, replied and completed add up to the summary.',
      },
    ),
  },
  'Sequences of a range.',
  'Sequences',
)
export type Sequences = Static<typeof Sequences>

export const SequencesPage = withNextCursor(Sequences)
export type SequencesPage = Static<typeof SequencesPage>

export interface SequencesFilters extends PageRequest {
  readonly sequenceId?: string | undefined
}

interface SequencesRow {
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

const ORDER: ListOrder = { columns: [['enrolled', 'DESC']], idSql: 'sequence' }
const NO_ENROLLMENTS = { enrolled: 0, active: 0, replied: 0, completed: 0 }

export const sequencesDashboard: Dashboard<SequencesFilters, SequencesPage> = async (
  port,
  { tenantId, range, zone, sequenceId, ...page },
) => {
  const list = listQuery(page, ORDER)
  const buckets = bucketStarts(range, 'day', zone)
  const filter = equalityFilter('sequence_id', 'sequenceId', sequenceId)
  const isUnfiltered = sequenceId === undefined
  const dayRollUp = bucketsAlignWithSteps(DAILY_ENROLLMENT_ROLL_UP, range, buckets)
    ? DAILY_ENROLLMENT_ROLL_UP
    : QUARTER_HOUR_ROLL_UP
  const byDay = countsSql({
    rollUp: isUnfiltered ? dayRollUp : undefined,
    range,
    buckets,
    counts: SEQUENCE_DAY_COUNTS_SQL,
    eventTypesSql: IS_SEQUENCE_SQL,
    filter: filter.sql,
  })
  const bySequence = countsSql({
    rollUp: DAILY_ROLL_UP,
    range,
    keys: ['sequence_id', 'step_number', 'event_type'],
    counts: `${EVENT_COUNT_SQL}, ${DISTINCT_BITMAP_SQL}`,
    eventTypesSql: IS_SEQUENCE_SQL,
    filter: ` AND ${IS_SEQUENCE_SQL}${filter.sql}`,
    parameterPrefix: 'sequence_',
  })
  const ended = countsSql({
    rollUp: isUnfiltered ? DAILY_ENROLLMENT_ROLL_UP : undefined,
    range: { start: 0, end: range.end },
    counts: ENDED_ENROLLMENTS_SQL,
    eventTypesSql: ENROLLMENT_ENDED_SQL,
    filter: filter.sql,
    parameterPrefix: 'ended_',
  })
  const rows = await port.query(
    tenantId,
    tenantQuery<SequencesRow>('sequences', sequencesSql(byDay.sql, bySequence.sql, ended.sql, list.afterSql), {
      ...byDay.parameters,
      ...bySequence.parameters,
      ...ended.parameters,
      ...filter.parameters,
      ...list.parameters,
      rows: list.rows,
    }),
  )
  const ofKind = (kind: SequencesRow['kind']) => rows.filter((row) => row.kind === kind)
  const [days, steps] = [ofKind('day'), ofKind('step')]
  const { items: top, end } = cutPage(ofKind('sequence'), list, ({ enrolled, sequence }) => ({
    order: [enrolled],
    id: sequence,
  }))
  const nameOf = await findEntityNames(
    port,
    tenantId,
    'sequence',
    top.map((row) => row.sequence),
  )
  const [total = NO_ENROLLMENTS] = ofKind('total')
  const newPerDay = days.map((row, index) => {
    const before = days[index - 1] ?? NO_ENROLLMENTS
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
      name: nameOf(row.sequence),
      enrollments: row.enrolled,
      active: row.active,
      completed: row.completed,
      replied: row.replied,
      replyRate: rate(row.replied, row.enrolled),
    })),
    timeSeries: await denseSeries(buckets, newPerDay, (row, start) => ({
      timestamp: formatInstant(start),
      enrolled: row?.enrolled ?? 0,
      executed: row?.executed ?? 0,
      replied: row?.replied ?? 0,
      completed: row?.completed ?? 0,
    })),
    ...(await nextCursor(page, [end])),
  }
}
