import { COHORT_MEMBERS_REQUEST_EXAMPLE, COHORT_REQUEST_EXAMPLE } from '../../cohorts/cohort-examples.ts'
import { FUNNEL_REQUEST_EXAMPLES } from '../../funnels/funnel-examples.ts'
import { ALERT_REQUEST_EXAMPLES } from '../../alerts/alert-examples.ts'
import { DELIVERY_REQUEST_EXAMPLES } from '../../deliveries/delivery-examples.ts'
import { REPORT_REQUEST_EXAMPLES } from '../../reports/report-examples.ts'
import { EVENT_SEARCH_EXAMPLE, MESSAGE_SEARCH_EXAMPLE } from '../../drill-down/drill-down-examples.ts'

/** The example of each operation's request body. A test sends each of them. */
export const REQUEST_EXAMPLES: Readonly<Record<string, object>> = {
  cohorts: COHORT_REQUEST_EXAMPLE,
  cohortMembers: COHORT_MEMBERS_REQUEST_EXAMPLE,
  ...FUNNEL_REQUEST_EXAMPLES,
  ...REPORT_REQUEST_EXAMPLES,
  ...ALERT_REQUEST_EXAMPLES,
  ...DELIVERY_REQUEST_EXAMPLES,
  eventsSearch: EVENT_SEARCH_EXAMPLE,
  messagesSearch: MESSAGE_SEARCH_EXAMPLE,
  query: {
    metrics: ['messages', 'humanOpenRate'],
    dimensions: ['campaign'],
    filter: { dimension: 'campaign', operator: 'exists' },
    startDate: '2026-01-26',
    endDate: '2026-01-28',
    timezone: 'UTC',
    having: [{ metric: 'messages', operator: 'gte', value: 100 }],
    orderBy: [{ by: 'humanOpenRate', direction: 'desc' }],
    limit: 2,
    totals: true,
  },
}
