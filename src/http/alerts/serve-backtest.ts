/** Answers back-tests: what a rule would have done. */
import { type Static, Type } from '@sinclair/typebox'
import { backtest } from '../../alerts/backtest.ts'
import { resolveRule } from '../../alerts/rules/resolve-rule.ts'
import { AlertRuleSchema } from '../../alerts/rules/rule-schema.ts'
import { factsAsOf, requireFacts } from '../../analytics/engagement/facts-as-of.ts'
import { rangeParameters } from '../../analytics/parameters.ts'
import { abortable } from '../../analytics/query/abortable-port.ts'
import { object } from '../../analytics/schemas.ts'
import { resolveTimeRange } from '../../analytics/time/time-range.ts'
import { type DrillDownRead, readLimited } from '../drill-down/drill-down-services.ts'
import { queryCost } from '../limits/tenant-limits.ts'
import { authorizedFor, type DefinitionContext, sendDefinition } from '../definitions/definition-requests.ts'
import { ROUTES } from '../routes.ts'
import { shownSeriesOf, transitionOf } from './history-data.ts'
import type { AlertServices } from './serve-alerts.ts'

const PRESET = '30d'
const { timezone: _, ...range } = rangeParameters(PRESET)

export const BacktestRequest = object(
  {
    rule: AlertRuleSchema,
    ...range,
    showBuckets: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Whether the response has `shown`: the judged buckets of the series with the most changes.',
      }),
    ),
  },
  'A rule, stored or not, and the range to judge; days are those of the zone of the rule.',
  'AlertBacktestRequest',
)

export async function serveBacktest(
  context: DefinitionContext & { readonly body: Static<typeof BacktestRequest> },
  services: AlertServices,
): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.alertBacktest.access)
  const { tenantId } = authorization.principal
  const { rule: body, showBuckets = false, ...requested } = context.body
  const { port, facts, clock, alerts } = services
  // Nobody is told: addresses of a rule may be left as they are.
  const rule = resolveRule(body, { ...alerts, isBacktest: true }, 'rule.')
  const now = clock.now()
  const resolved = resolveTimeRange(requested, PRESET, rule.zone, now)
  authorization.auditedBody = `metric=${rule.metric}&detector=${rule.detector.kind}&granularity=${rule.granularity}`
  const { signal } = authorization.request
  const source = {
    port: abortable(port, signal),
    factsOf: () => requireFacts({ facts: factsAsOf(facts, now) }),
  }
  const read: DrillDownRead = {
    name: 'alert_backtest',
    range: resolved,
    zoneName: rule.zone.name,
    now,
    cost: queryCost(resolved, rule.granularity),
  }
  const result = await readLimited(services, authorization, read, () =>
    backtest(source, tenantId, rule, resolved, { now, showsBuckets: showBuckets }),
  )
  return sendDefinition(context, services, authorization, {
    transitions: result.transitions.map((each) => transitionOf(rule.splitBy, each)),
    buckets: result.buckets,
    series: result.series,
    ...(showBuckets ? { shown: result.shown.map((each) => shownSeriesOf(rule.splitBy, each)) } : {}),
  })
}
