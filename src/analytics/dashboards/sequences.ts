import { type Static, Type } from '@sinclair/typebox'
import { defineDashboard } from '../define-dashboard.ts'
import { filterSql } from '../dimensions.ts'
import { namedMetricFields } from '../metric-fields.ts'
import { entityIdParameter, pageParameters } from '../parameters.ts'
import { findEntityNames } from '../query/entity-names.ts'
import { cutPage, type ListOrder, listQuery, nextCursor } from '../query/list-page.ts'
import { enrollmentBitmapSql, isCountedSql } from '../query/metric-sql.ts'
import {
  bucketsAlignWithSteps,
  countsSql,
  DAILY_ENROLLMENT_ROLL_UP,
  DAILY_ROLL_UP,
  DISTINCT_BITMAP_SQL,
  EVENT_COUNT_SQL,
  QUARTER_HOUR_ROLL_UP,
} from '../query/roll-up.ts'
import { SEQUENCE_DAY_COUNTS_SQL, sequencesSql } from '../query/sequences-sql.ts'
import { tenantQuery } from '../query/tenant-query.ts'
import { count, entityName, instant, object, text } from '../schemas.ts'
import { bucketStarts, denseSeries, formatInstant } from '../time/buckets.ts'

const SUMMARY = namedMetricFields({
  totalEnrollments: 'enrollments',
  activeEnrollments: 'activeEnrollments',
  completedEnrollments: 'completedEnrollments',
  repliedEnrollments: 'repliedEnrollments',
  avgReplyRate: 'replyRate',
})
const SEQUENCE_METRICS = namedMetricFields({
  enrollments: 'enrollments',
  active: 'activeEnrollments',
  completed: 'completedEnrollments',
  replied: 'repliedEnrollments',
  replyRate: 'replyRate',
})
const EXECUTED = namedMetricFields({ executed: 'stepsExecuted' })

const ORDER: ListOrder = { columns: [['enrollments', 'DESC']], idSql: 'sequence' }

export type Sequences = Static<typeof sequences.data>

export const sequences = defineDashboard({
  name: 'sequences',
  preset: '30d',
  parameters: { sequenceId: entityIdParameter('sequence'), ...pageParameters() },
  data: object(
    {
      summary: object(SUMMARY.schemas, 'Totals of the range.', 'SequencesSummary'),
      stepFunnel: Type.Array(
        object(
          {
            stepNumber: Type.Integer({ minimum: 1, description: 'The step, counted from 1' }),
            ...EXECUTED.schemas,
            replied: count('Replies that name the step'),
          },
          'One step.',
          'SequenceStep',
        ),
        { description: 'The steps with events, by number.' },
      ),
      topSequences: Type.Array(
        object(
          { sequenceId: text('Id of the sequence'), name: entityName(), ...SEQUENCE_METRICS.schemas },
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
            ...EXECUTED.schemas,
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
  ),
  mainTable: 'topSequences',
  mainCount: 'stepsExecuted',

  async query(port, request) {
    const { tenantId, range, bucketRange, zone, sequenceId } = request
    const list = listQuery(request, ORDER)
    const buckets = bucketStarts(bucketRange, 'day', zone)
    const filter = filterSql({ sequenceId })
    const isUnfiltered = sequenceId === undefined
    const dayRollUp = bucketsAlignWithSteps(DAILY_ENROLLMENT_ROLL_UP, range, buckets)
      ? DAILY_ENROLLMENT_ROLL_UP
      : QUARTER_HOUR_ROLL_UP
    const byDay = countsSql({
      rollUp: isUnfiltered ? dayRollUp : undefined,
      range,
      buckets,
      counts: SEQUENCE_DAY_COUNTS_SQL,
      rowsSql: isCountedSql('enrollments'),
      filter: filter.sql,
    })
    const bySequence = countsSql({
      rollUp: DAILY_ROLL_UP,
      range,
      keys: ['sequence_id', 'step_number', 'event_type'],
      counts: `${EVENT_COUNT_SQL}, ${DISTINCT_BITMAP_SQL}`,
      rowsSql: isCountedSql('enrollments'),
      filter: ` AND ${isCountedSql('enrollments')}${filter.sql}`,
      parameterPrefix: 'sequence_',
    })
    const ended = countsSql({
      rollUp: isUnfiltered ? DAILY_ENROLLMENT_ROLL_UP : undefined,
      range: { start: 0, end: range.end },
      counts: enrollmentBitmapSql('endedEnrollments'),
      rowsSql: isCountedSql('endedEnrollments'),
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
    const top = cutPage(ofKind('sequence'), list, ({ enrollments, sequence }) => ({
      order: [enrollments],
      id: sequence,
    }))
    const ids = top.items.map((row) => row.sequence)
    const nameOf = await findEntityNames(port, tenantId, 'sequence', ids)
    return {
      total: ofKind('total')[0] ?? NO_ENROLLMENTS,
      days: ofKind('day'),
      steps: ofKind('step'),
      top,
      nameOf,
      buckets,
    }
  },

  async shape({ total, days, steps, top, nameOf, buckets }, request) {
    return {
      summary: SUMMARY.values(total),
      stepFunnel: steps.map((row) => ({
        stepNumber: row.step,
        ...EXECUTED.values(row),
        replied: row.repliedEnrollments,
      })),
      topSequences: top.items.map((row) => ({
        sequenceId: row.sequence,
        name: nameOf(row.sequence),
        ...SEQUENCE_METRICS.values(row),
      })),
      timeSeries: await denseSeries(buckets, newPerDay(days), (row, start) => {
        const { enrollments, stepsExecuted, repliedEnrollments, completedEnrollments } = row ?? NO_ENROLLMENTS
        return {
          timestamp: formatInstant(start),
          enrolled: enrollments,
          ...EXECUTED.values({ stepsExecuted }),
          replied: repliedEnrollments,
          completed: completedEnrollments,
        }
      }),
      ...(await nextCursor(request, [top.end])),
    }
  },

  docs: {
    summary: 'Sequences',
    description: 'Counts of enrollments by outcome, the step funnel, and the sequences with the most enrollments.',
  },
  example: {
    summary: SUMMARY.values(exampleCounts(215, 115, 48, 40)),
    stepFunnel: [
      { stepNumber: 1, executed: 215, replied: 21 },
      { stepNumber: 2, executed: 129, replied: 18 },
      { stepNumber: 3, executed: 51, replied: 1 },
    ],
    topSequences: [
      { sequenceId: 'seq-1', name: 'Onboarding Series', ...SEQUENCE_METRICS.values(exampleCounts(140, 75, 35, 23)) },
      { sequenceId: 'seq-2', name: 'Event Follow-up', ...SEQUENCE_METRICS.values(exampleCounts(75, 40, 13, 17)) },
    ],
    timeSeries: [
      { timestamp: '2026-01-26T00:00:00Z', enrolled: 70, executed: 70, replied: 7, completed: 0 },
      { timestamp: '2026-01-27T00:00:00Z', enrolled: 79, executed: 142, replied: 16, completed: 0 },
      { timestamp: '2026-01-28T00:00:00Z', enrolled: 66, executed: 183, replied: 17, completed: 48 },
    ],
  },
})

interface EnrollmentCounts {
  readonly enrollments: number
  readonly activeEnrollments: number
  readonly completedEnrollments: number
  readonly repliedEnrollments: number
}

interface SequencesRow extends EnrollmentCounts {
  readonly kind: 'total' | 'day' | 'sequence' | 'step'
  readonly bucket: number
  readonly sequence: string
  readonly step: number
  readonly stepsExecuted: number
}

const NO_ENROLLMENTS = {
  enrollments: 0,
  activeEnrollments: 0,
  completedEnrollments: 0,
  repliedEnrollments: 0,
  stepsExecuted: 0,
}

/** The enrollments that each day adds, of the counts from the start of the range to the end of each day. */
function newPerDay(days: readonly SequencesRow[]) {
  return days.map((row, index) => {
    const before = days[index - 1] ?? NO_ENROLLMENTS
    return {
      bucket: row.bucket,
      stepsExecuted: row.stepsExecuted,
      enrollments: row.enrollments - before.enrollments,
      repliedEnrollments: row.repliedEnrollments - before.repliedEnrollments,
      completedEnrollments: row.completedEnrollments - before.completedEnrollments,
    }
  })
}

function exampleCounts(enrollments: number, active: number, completed: number, replied: number): EnrollmentCounts {
  return {
    enrollments,
    activeEnrollments: active,
    completedEnrollments: completed,
    repliedEnrollments: replied,
  }
}
