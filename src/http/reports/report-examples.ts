/** Examples of reports and schedules, for the API document. */
import type { Static } from '@sinclair/typebox'
import { QUERY_EXAMPLE } from '../../analytics/custom-query/query-response.ts'
import { DASHBOARDS } from '../../analytics/dashboards/dashboards.ts'
import type { ReportRequest } from '../../reports/report.ts'
import type { ScheduleRequest } from '../../reports/schedule/schedule.ts'
import type { RemovedData } from '../definitions/definition-responses.ts'
import type { ReportData, ReportListData, ReportVersionsData, RunData } from './report-data.ts'
import type { ScheduleData, ScheduleListData } from './schedule-data.ts'

const REPORT: ReportRequest = {
  name: 'Weekly numbers',
  description: 'What went out, and what became of it.',
  blocks: [
    {
      title: 'Campaigns',
      kind: 'query',
      body: {
        metrics: ['messages', 'humanOpenRate'],
        dimensions: ['campaign'],
        timeRange: '7d',
        orderBy: [{ by: 'humanOpenRate', direction: 'desc' }],
        totals: true,
      },
      chart: 'table',
    },
    {
      title: 'Overview',
      kind: 'dashboard',
      body: { dashboard: 'overview', timeRange: '7d', timezone: 'UTC' },
      chart: 'line',
    },
  ],
  timezone: 'Europe/Berlin',
}

const SCHEDULE: Required<ScheduleRequest> = {
  reportId: '3d1c8a52-7f0e-4c9b-9d0e-5a4f6f1f2b11',
  recipients: ['team@example.com'],
  every: { kind: 'weekly', weekdays: ['monday'], time: '08:30' },
  timezone: 'Europe/Berlin',
  attachments: ['xlsx'],
  skipIfEmpty: true,
  enabled: true,
}

const CREATED = { version: 1, createdAt: '2026-01-20T10:15:30.123Z', changedAt: '2026-01-20T10:15:30.123Z' }
const CHANGED = { version: 2, createdAt: CREATED.createdAt, changedAt: '2026-01-27T08:00:00.456Z' }

const CREATED_REPORT: Static<typeof ReportData> = { id: SCHEDULE.reportId, ...CREATED, ...REPORT }
const CHANGED_REPORT = { ...CREATED_REPORT, ...CHANGED, name: 'Numbers of the week' }
const REMOVED_REPORT: Static<typeof RemovedData> = { id: SCHEDULE.reportId }

const CREATED_SCHEDULE: Static<typeof ScheduleData> = {
  id: '9e0b6c11-2a44-4f0d-8c3e-1b7d5a9f0c22',
  ...CREATED,
  ...SCHEDULE,
  nextRuns: Array.from({ length: 12 }, (_, week) =>
    // 08:30 in Berlin: the clocks change on 29 March.
    new Date(Date.UTC(2026, 1, 2 + 7 * week, week < 8 ? 7 : 6, 30)).toISOString(),
  ),
  disabledReason: null,
  delivery: 'configured',
}

const RUN: Static<typeof RunData> = {
  blocks: [
    { title: 'Campaigns', kind: 'query', chart: 'table', data: QUERY_EXAMPLE },
    { title: 'Overview', kind: 'dashboard', chart: 'line', data: DASHBOARDS.overview.example },
  ],
}

const LIST: Static<typeof ReportListData> = {
  reports: [{ ...CREATED_REPORT, blocks: REPORT.blocks.map(({ title, kind, chart }) => ({ title, kind, chart })) }],
}

const VERSIONS: Static<typeof ReportVersionsData> = {
  versions: [
    { version: 2, changedAt: CHANGED.changedAt, ...REPORT, name: CHANGED_REPORT.name },
    { version: 1, changedAt: CREATED.changedAt, ...REPORT },
  ],
}

const SCHEDULES: Static<typeof ScheduleListData> = { schedules: [CREATED_SCHEDULE] }

/** The bodies of requests by operation. */
export const REPORT_REQUEST_EXAMPLES = {
  createReport: REPORT,
  changeReport: { ...REPORT, name: CHANGED_REPORT.name },
  createSchedule: SCHEDULE,
  changeSchedule: { ...SCHEDULE, enabled: false },
}

/** The data of responses by operation. */
export const REPORT_EXAMPLES = {
  reports: LIST,
  createReport: CREATED_REPORT,
  report: CREATED_REPORT,
  changeReport: CHANGED_REPORT,
  removeReport: REMOVED_REPORT,
  reportVersions: VERSIONS,
  runReport: RUN,
  schedules: SCHEDULES,
  createSchedule: CREATED_SCHEDULE,
  schedule: CREATED_SCHEDULE,
  changeSchedule: { ...CREATED_SCHEDULE, ...CHANGED, enabled: false, nextRuns: [] },
  removeSchedule: { id: CREATED_SCHEDULE.id },
}
