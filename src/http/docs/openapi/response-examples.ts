/**
 * The example of each operation's response. A test checks each one against its schema and its own arithmetic.
 */
import { COHORT_EXAMPLE, COHORT_MEMBERS_EXAMPLE } from '../../cohorts/cohort-examples.ts'
import { FUNNEL_EXAMPLES } from '../../funnels/funnel-examples.ts'
import { ALERT_EXAMPLES } from '../../alerts/alert-examples.ts'
import { DELIVERY_EXAMPLES } from '../../deliveries/delivery-examples.ts'
import { REPORT_EXAMPLES } from '../../reports/report-examples.ts'
import { DRILL_DOWN_EXAMPLES } from '../../drill-down/drill-down-examples.ts'
import { QUERY_EXAMPLE, QUERY_SCHEMA } from '../../../analytics/custom-query/query-response.ts'
import { ALL_DASHBOARDS } from '../../../analytics/dashboards/dashboards.ts'

/** The correlation id of every example, failures included. */
export const EXAMPLE_CORRELATION_ID = '0c6f7a52-3f0e-4c9b-9d0e-5a4f6f1f2b11'

const successResponse = (data: object, dependsOnRules?: true) => ({
  success: true,
  data,
  meta: {
    correlationId: EXAMPLE_CORRELATION_ID,
    asOf: '2026-01-29T06:30:15.123Z',
    timezone: 'UTC',
    ...(dependsOnRules ? { rulesVersion: 1 } : {}),
  },
})

const STREAM_EXAMPLE = `id: 3f8a2c1e-5b7d.41
event: snapshot
data: {"asOf":"2026-01-29T06:30:15.123Z","timezone":"UTC","range":{"start":"2026-01-28T00:00:00.000Z","end":"2026-01-29T23:59:59.999Z"},"counts":[{"eventType":"message_sent","channel":"email","count":12}]}

id: 3f8a2c1e-5b7d.42
event: delta
data: {"asOf":"2026-01-29T06:30:15.623Z","counts":[{"eventType":"message_opened","channel":"email","count":3}]}

: heartbeat

`

const parts = ['migrations', 'consumer', 'store'].map((name) => ({ name, message: 'ok' }))

/** Complete responses of success, by the operation's id. */
export const RESPONSE_EXAMPLES: Readonly<Record<string, object | string>> = {
  ...Object.fromEntries(
    ALL_DASHBOARDS.map(({ name, example, dependsOnRules }) => [name, successResponse(example, dependsOnRules)]),
  ),
  ...Object.fromEntries(Object.entries(DRILL_DOWN_EXAMPLES).map(([name, data]) => [name, successResponse(data, true)])),
  ...Object.fromEntries(Object.entries(FUNNEL_EXAMPLES).map(([name, data]) => [name, successResponse(data)])),
  ...Object.fromEntries(Object.entries(ALERT_EXAMPLES).map(([name, data]) => [name, successResponse(data)])),
  ...Object.fromEntries(Object.entries(REPORT_EXAMPLES).map(([name, data]) => [name, successResponse(data)])),
  ...Object.fromEntries(
    Object.entries({ ...REPORT_EXAMPLES, ...DELIVERY_EXAMPLES }).map(([name, data]) => [name, successResponse(data)]),
  ),
  query: successResponse(QUERY_EXAMPLE, true),
  querySchema: successResponse({
    ...QUERY_SCHEMA,
    metrics: QUERY_SCHEMA.metrics.slice(0, 2),
    dimensions: QUERY_SCHEMA.dimensions.slice(0, 2),
  }),
  cohorts: successResponse(COHORT_EXAMPLE, true),
  cohortMembers: successResponse(COHORT_MEMBERS_EXAMPLE, true),
  live: STREAM_EXAMPLE,
  liveTicket: successResponse({ ticket: 'f0'.repeat(32), expiresAt: '2026-01-29T06:30:45.123Z' }),
  healthLive: { success: true, data: { status: 'live' } },
  healthReady: { success: true, data: { status: 'ready', parts } },
}
