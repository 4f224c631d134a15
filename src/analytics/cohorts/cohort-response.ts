/** The data of responses with cohorts. */
import { type Static, Type } from '@sinclair/typebox'
import type { Drill } from '../drill-down/drill.ts'
import { drillSchema } from '../drill-down/drill-schema.ts'
import { count, instant, object, text } from '../schemas.ts'
import { formatInstant } from '../time/buckets.ts'
import type { CohortQuery } from './cohort-request.ts'
import type { CohortTable } from './cohort-table.ts'

const period = () => Type.Integer({ minimum: 0, description: 'The number of the period, from 0.' })
const percent = (description: string) => Type.Number({ minimum: 0, maximum: 100, description })

const cellSchema = object(
  {
    period: period(),
    count: count('Members whose event lies in the period, or that returned'),
    rate: percent('`count` ÷ `size` of the cohort in percent'),
    cumulative: Type.Optional(count('Engagement: messages whose event lies in this period or in one before')),
    complete: Type.Boolean({ description: 'Whether the period is over for every member.' }),
  },
  'A cell.',
  'CohortCell',
)

const cohortSchema = object(
  {
    bucket: instant('The start of the bucket'),
    size: count('The members'),
    cells: Type.Array(cellSchema, {
      description: 'By period. Periods that have not begun for any member are left out.',
    }),
    drill: drillSchema,
  },
  'A cohort. Its `drill` lists the members; with `period` in `member`, those of a cell.',
  'Cohort',
)

const meanSchema = object(
  {
    period: period(),
    rate: percent('The sum of `count` ÷ the sum of `size`, in percent, over the cohorts whose cell is complete'),
    cohortsUsed: count('The cohorts whose cell is complete'),
  },
  'The mean of a period over cohorts, weighted by size.',
  'CohortMean',
)

const queryPart = object(
  {
    kind: text('As in the request'),
    timeRange: object(
      { start: instant('First instant of the range'), end: instant('Last instant of the range') },
      'The range.',
      'QueryRange',
    ),
    timezone: text('The time zone of the buckets'),
    cohort: text('The size of the buckets'),
    periods: count('The number of periods'),
  },
  'What was asked for, resolved.',
  'CohortQuery',
)

export const CohortData = object(
  {
    cohorts: Type.Array(cohortSchema, { description: 'In the order of time. Cohorts without members are left out.' }),
    mean: Type.Array(meanSchema, { description: 'One item per period.' }),
    query: queryPart,
  },
  'A table of cohorts.',
  'CohortTable',
)
export type CohortData = Static<typeof CohortData>

const memberSchema = object(
  {
    id: text('Id of the message (engagement) or of the contact (retention)'),
    startedAt: instant('The first sending, or the start event'),
    eventAt: Type.Union([instant('The event of the cell'), Type.Null()], {
      description:
        'Engagement: the first open or click; the sending where it came before that. Retention: the first return of the cell. Null without `period`.',
    }),
  },
  'A member.',
  'CohortMemberItem',
)

export const CohortMembersData = object(
  {
    members: Type.Array(memberSchema, {
      description: 'Messages by the time of sending, the newest first, ties by id; contacts by id.',
    }),
    count: count('All members, over all pages: the number of the cell, or the size of the cohort'),
    cursor: Type.Union([text('The `cursor` of the next page'), Type.Null()]),
  },
  'A page of members.',
  'CohortMembersPage',
)
export type CohortMembersData = Static<typeof CohortMembersData>

const MEMBERS_PATH = '/cohorts/members'

/** The data of a response, as of an instant. */
export function cohortData(query: CohortQuery, { cohorts, mean }: CohortTable, asOf: number): CohortData {
  const body = bodyOf(query, asOf)
  const drillOf = (bucket: string): Drill => ({ path: MEMBERS_PATH, body: { ...body, member: { bucket } } })
  const { kind, cohort, periods, range, zone } = query
  return {
    cohorts: cohorts.map((each) => ({ ...each, cells: [...each.cells], drill: drillOf(each.bucket) })),
    mean: [...mean],
    query: {
      kind,
      timeRange: { start: formatInstant(range.start), end: formatInstant(range.end) },
      timezone: zone.name,
      cohort,
      periods,
    },
  }
}

/** A request for the same cohorts as of an instant. */
function bodyOf(query: CohortQuery, asOf: number): Readonly<Record<string, unknown>> {
  const { kind, cohort, periods, range, zone } = query
  const ofKind =
    query.kind === 'engagement'
      ? { event: query.event, human: query.isHuman, period: query.period, ...filterPart(query) }
      : {
          start: { event: query.start.event, ...filterPart(query.start) },
          return: { event: query.return.event, ...filterPart(query.return) },
          counting: query.counting,
          mode: query.mode,
        }
  return {
    kind,
    ...ofKind,
    cohort,
    periods,
    startDate: new Date(range.start).toISOString(),
    endDate: new Date(range.end).toISOString(),
    timezone: zone.name,
    asOf: new Date(asOf).toISOString(),
  }
}

function filterPart({ filter }: { readonly filter?: unknown }): { filter?: unknown } {
  return filter === undefined ? {} : { filter }
}
