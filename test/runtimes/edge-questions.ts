/** What two runtimes are asked, to be compared. */
import { IS_FULL } from '../support/base/depth.ts'
import { type Dashboard, dashboardNames, type DashboardQuery } from '../support/oracle/oracle.ts'
import { DAY_MS } from '../support/oracle/zone.ts'
import type { Request } from '../support/process/service.ts'

export const ROOT = '/api/v1/analytics'

const day = (daysAgo: number) => new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10)
/** Of every dashboard. */
const QUESTIONS: readonly DashboardQuery[] = [
  {},
  { timeRange: '1d', timezone: 'Asia/Kathmandu' },
  { timeRange: '7d', timezone: 'America/New_York' },
  { timeRange: '90d', timezone: 'Pacific/Chatham' },
  { startDate: day(40), endDate: day(3), timezone: 'Australia/Adelaide' },
  { startDate: new Date(Date.now() - 9 * DAY_MS).toISOString() },
]
/** The queries of single dashboards. */
const FILTERS: Readonly<Partial<Record<Dashboard, readonly DashboardQuery[]>>> = {
  // Former names and those of today: runtimes list one or the other, and take both.
  overview: ['Europe/Kyiv', 'Europe/Kiev', 'Asia/Kolkata', 'Asia/Calcutta'].map((timezone) => ({ timezone })),
  messages: [{ channel: 'sms' }, { granularity: 'hour' }, { granularity: 'month', timeRange: '90d' }],
  campaigns: [
    { channel: 'email', limit: '3' },
    { campaignId: 'campaign-0', timeRange: '90d' },
  ],
  workflows: [{ workflowId: 'workflow-0' }, { limit: '1' }],
  sequences: [{ sequenceId: 'sequence-0', timeRange: '90d' }, { limit: '100' }],
  templates: [{ minUsage: '2' }, { templateId: 'template-0' }, { channel: 'push' }],
  traffic: [{ granularity: 'week' }],
}
/** What a dashboard is asked: its own queries, and in the gate one of those of all dashboards, the next dashboard the next one. */
export function questionsOf(dashboard: Dashboard): DashboardQuery[] {
  const place = dashboardNames.indexOf(dashboard)
  const asked = IS_FULL ? QUESTIONS : QUESTIONS.filter((_, index) => index === place % QUESTIONS.length)
  return [...asked, ...(FILTERS[dashboard] ?? [])]
}

/** The dashboards whose files are compared: in the gate one with a series and one with a list. */
export const EXPORTED: readonly Dashboard[] = IS_FULL ? dashboardNames : ['messages', 'workflows']

export const addressOf = (dashboard: string, query: DashboardQuery = {}) =>
  `${ROOT}/${dashboard}?${new URLSearchParams({ ...query }).toString()}`

/** What is not to be answered. */
export const REFUSED: readonly (readonly [path: string, request: Request])[] = [
  [addressOf('overview'), { authorization: '' }],
  [addressOf('overview'), { authorization: 'Bearer nonsense' }],
  [addressOf('overview'), { authorization: 'Bearer a.b.c' }],
  [addressOf('overview'), { claims: { exp: 1 } }],
  [addressOf('overview'), { claims: { scope: 'other' } }],
  [addressOf('overview'), { claims: { tenantId: undefined, tenantIds: ['a', 'b'] } }],
  [addressOf('overview'), { headers: { 'x-api-key': 'oak_0123456789abcdef_' } }],
  [`${addressOf('overview')}format=csv`, { claims: { scope: 'analytics:read' } }],
  [addressOf('overview', { granularity: 'day' }), {}],
  [`${ROOT}/overview?timeRange=7d&timeRange=7d`, {}],
  [`${ROOT}/messages?granularity=hours`, {}],
  [addressOf('messages', { timezone: 'Europe/Atlantis' }), {}],
  [addressOf('campaigns', { limit: '1e1' }), {}],
  [addressOf('campaigns', { startDate: '2026-02-30' }), {}],
  [`${ROOT}/overview?timezone=%E0%A4%A`, {}],
  [addressOf('overview', { timezone: 'x'.repeat(10_001) }), {}],
  [`${ROOT}/live?timeRange=2d`, {}],
  [addressOf('overview'), { method: 'POST' }],
  [addressOf('overview'), { method: 'DELETE' }],
  [`${ROOT}/nothing`, {}],
  ['/nothing', { authorization: '' }],
]
