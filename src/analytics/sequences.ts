import { type Static, Type } from '@sinclair/typebox'
import { bucketStarts, denseSeries, formatInstant } from './buckets.ts'
import { type Dashboard, equalityFilter } from './dashboard.ts'
import { cutPage, type ListOrder, listQuery, nextCursor, pageOf, type PageRequest } from './list-page.ts'
import { findNames } from './names.ts'
import { tenantQuery } from './query.ts'
import { rate } from './rates.ts'
import { COUNT_SQL, countsSql, DAYS, ENROLLMENT_DAYS, fits, MEMBERS_SQL, QUARTER_HOURS } from './roll-up.ts'
import { DAY_COUNTS_SQL, ENDED_COUNT_SQL, ENDED_SQL, IS_SEQUENCE_SQL, sequencesSql } from './sequence-counts.ts'
import {
  count,
  entityIdParameter,
  instant,
  object,
  pageParameters,
  percentage,
  rangeParameters,
  text,
} from './schemas.ts'

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

export const SequencesPage = pageOf(Sequences)
export type SequencesPage = Static<typeof SequencesPage>

export interface SequencesFilters extends PageRequest {
  readonly sequenceId?: string | undefined
}

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

const ORDER: ListOrder = { columns: [['enrolled', 'DESC']], idSql: 'sequence' }
const NONE = { enrolled: 0, active: 0, replied: 0, completed: 0 }

export const sequences: Dashboard<SequencesFilters, SequencesPage> = async (
  port,
  { tenantId, range, zone, sequenceId, ...page },
) => {
  const list = listQuery(page, ORDER)
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
    tenantQuery<Row>('sequences', sequencesSql(byDay.sql, bySequence.sql, ended.sql, list.behindSql), {
      ...byDay.parameters,
      ...bySequence.parameters,
      ...ended.parameters,
      ...filter.parameters,
      ...list.parameters,
      rows: list.rows,
    }),
  )
  const ofKind = (kind: Row['kind']) => rows.filter((row) => row.kind === kind)
  const [days, steps] = [ofKind('day'), ofKind('step')]
  const { items: top, end } = cutPage(ofKind('sequence'), list, ({ enrolled, sequence }) => ({
    order: [enrolled],
    id: sequence,
  }))
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
    ...(await nextCursor(page, [end])),
  }
}
