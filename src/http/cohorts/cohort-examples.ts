/** Examples of cohort requests and their data, for the API document. */
const ENGAGEMENT = {
  kind: 'engagement',
  event: 'opened',
  human: true,
  period: 'day',
  cohort: 'week',
  periods: 3,
  startDate: '2026-01-12T00:00:00.000Z',
  endDate: '2026-01-25T23:59:59.999Z',
  timezone: 'UTC',
} as const

export const COHORT_REQUEST_EXAMPLE = { ...ENGAGEMENT, startDate: '2026-01-12', endDate: '2026-01-25' }

const drillOf = (bucket: string) => ({
  path: '/cohorts/members',
  body: { ...ENGAGEMENT, asOf: '2026-01-27T06:30:15.123Z', member: { bucket } },
})
const cell = (period: number, count: number, rate: number, cumulative: number, complete: boolean) => ({
  ...{ period, count, rate, cumulative, complete },
})

export const COHORT_EXAMPLE = {
  cohorts: [
    {
      bucket: '2026-01-12T00:00:00Z',
      size: 400,
      cells: [cell(0, 120, 30, 120, true), cell(1, 30, 7.5, 150, true), cell(2, 10, 2.5, 160, true)],
      drill: drillOf('2026-01-12T00:00:00Z'),
    },
    {
      bucket: '2026-01-19T00:00:00Z',
      size: 100,
      cells: [cell(0, 25, 25, 25, true), cell(1, 5, 5, 30, false), cell(2, 2, 2, 32, false)],
      drill: drillOf('2026-01-19T00:00:00Z'),
    },
  ],
  mean: [
    { period: 0, rate: 29, cohortsUsed: 2 },
    { period: 1, rate: 7.5, cohortsUsed: 1 },
    { period: 2, rate: 2.5, cohortsUsed: 1 },
  ],
  query: {
    kind: 'engagement',
    timeRange: { start: '2026-01-12T00:00:00Z', end: '2026-01-25T23:59:59.999Z' },
    timezone: 'UTC',
    cohort: 'week',
    periods: 3,
  },
}

export const COHORT_MEMBERS_REQUEST_EXAMPLE = {
  ...ENGAGEMENT,
  asOf: '2026-01-27T06:30:15.123Z',
  member: { bucket: '2026-01-19T00:00:00Z', period: 2 },
  limit: 2,
  cursor: null,
}

export const COHORT_MEMBERS_EXAMPLE = {
  members: [
    { id: 'm-7', startedAt: '2026-01-23T09:00:00Z', eventAt: '2026-01-25T10:12:30.250Z' },
    { id: 'm-3', startedAt: '2026-01-22T15:30:00Z', eventAt: '2026-01-24T18:04:11Z' },
  ],
  count: 2,
  cursor: null,
}
