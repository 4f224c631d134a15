/** An app in this process with alert rules, which are judged only when a test does so. */
import type { Evaluator } from '../../../src/alerts/evaluation/evaluator.ts'
import type { AlertRuleBody } from '../../../src/alerts/rules/rule-schema.ts'
import type { Published } from '../oracle/history.ts'
import { alertEvaluation, alertPartsOf } from './alert-evaluation.ts'
import { createAsk } from './report-requests.ts'
import { openDefinitions } from './stored-definitions.ts'
import { openApp, type TestApp } from './test-app.ts'

export const RULE: AlertRuleBody = {
  name: 'Too many',
  metric: 'sent',
  granularity: 'hour',
  detector: { kind: 'threshold', above: 3 },
}
export const SECRET = 'a secret of this test'

/** A full second as responses show it. */
export const isoOf = (instant: number) => new Date(instant).toISOString().replace('.000', '')

/** Messages of the minutes after `from`. */
export function messagesSent(tenantId: string, from: number, count: number, channel = 'email'): Published[] {
  return Array.from({ length: count }, (_, index) => [
    'pipeline.message.sent',
    {
      eventId: `${channel}-${from}-${index}`,
      tenantId,
      timestamp: new Date(from + (index + 1) * 60_000).toISOString(),
      data: { messageId: `m-${channel}-${from}-${index}`, channel },
    },
  ])
}

/** Opens the app with these events stored. */
export async function openAlertApp(events: readonly Published[]) {
  const stored = await openDefinitions()
  let shown: Evaluator | undefined
  const alerts = alertEvaluation(stored, () => app.port)
  const app: TestApp = await openApp({ TENANT_REQUESTS_PER_SECOND: '0' }, { alerts: alertPartsOf(alerts, () => shown) })
  await app.store(events)
  return {
    app,
    ask: createAsk(app),
    alerts,
    /** The evaluator whose state responses have from now on. */
    show(evaluator: Evaluator) {
      shown = evaluator
    },
    async close() {
      await app.close()
      await stored.close()
    },
  }
}
