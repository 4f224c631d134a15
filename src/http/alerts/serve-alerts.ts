/** Answers the requests for alert rules. */
import { type AlertDefinition, withRule } from '../../alerts/alert-definition.ts'
import type { AlertTarget } from '../../alerts/notifications/notification.ts'
import type { AlertRecordStore } from '../../alerts/ports.ts'
import { completeBody, resolveRule } from '../../alerts/rules/resolve-rule.ts'
import type { AlertRuleBody } from '../../alerts/rules/rule-schema.ts'
import { ApiFailure } from '../../base/errors.ts'
import type { Definition, DefinitionStore } from '../../definitions/ports.ts'
import type { DeliveryStore } from '../../delivery/delivery-store.ts'
import type { DrillDownServices } from '../drill-down/drill-down-services.ts'
import { type ItemContext, serveDefinitions } from '../definitions/serve-definitions.ts'
import { ROUTES } from '../routes.ts'
import { alertDataOf } from './alert-data.ts'

/** The alerts of the service, as the routes see them. */
export interface AlertParts {
  readonly definitions: DefinitionStore<AlertDefinition>
  readonly records: AlertRecordStore
  readonly deliveries: Pick<DeliveryStore<AlertTarget>, 'listIds' | 'read'>
  /** Whether rules are not judged because the service is behind its events. */
  readonly isStale: () => boolean
  /** Why a rule cannot be judged now; undefined where it can. */
  readonly problemOf: (ruleId: string) => string | undefined
  readonly allowsPrivateWebhooks: boolean
  readonly isMailConfigured: boolean
}

export interface AlertServices extends DrillDownServices {
  readonly alerts: AlertParts
}

export type AlertContext = ItemContext<'alertId'>

export const ALERTS = serveDefinitions<AlertServices, AlertDefinition, AlertRuleBody, 'alertId'>({
  kind: 'alert',
  collection: ROUTES.alerts,
  item: ROUTES.alert,
  parameter: 'alertId',
  storeOf: ({ alerts }) => alerts.definitions,
  storable({ alerts, clock }, _, request, current) {
    const secrets = secretsOf(current?.body.rule)
    resolveRule(request, { ...alerts, knownWebhooks: new Set(secrets.keys()) })
    const rule = completeBody(withSecrets(request, secrets))
    return current ? withRule(current.body, rule, clock.now()) : { rule, judgedSince: clock.now() }
  },
  dataOf: viewOf,
  listOf: async (services, rules) => ({ alerts: await Promise.all(rules.map((rule) => viewOf(services, rule))) }),
  // The part of a rule without its texts, addresses and values.
  auditedBody: ({ metric, detector, granularity, splitBy }) =>
    `metric=${metric}&detector=${detector.kind}&granularity=${granularity}&splitBy=${splitBy ?? ''}`,
  // The id is never used again: a record that stays after a failure is not in use.
  onRemoved: ({ alerts }, tenantId, id) => alerts.records.remove(tenantId, id).catch(() => {}),
})

async function viewOf({ alerts }: AlertServices, definition: Definition<AlertDefinition>) {
  const { tenantId, id } = definition
  const stored = await readRecord(alerts, tenantId, id)
  return alertDataOf(definition, {
    record: stored?.record,
    isStale: alerts.isStale(),
    problem: alerts.problemOf(id),
    isMailConfigured: alerts.isMailConfigured,
  })
}

/** Rejects with UNAVAILABLE while the broker does not respond. */
export async function readRecord({ records }: AlertParts, tenantId: string, id: string) {
  try {
    return await records.read(tenantId, id)
  } catch (error) {
    throw new ApiFailure('UNAVAILABLE', 'The states of alert rules cannot be read right now.', [], error)
  }
}

function secretsOf(rule: AlertRuleBody | undefined): ReadonlyMap<string, string> {
  return new Map(
    (rule?.notify?.webhooks ?? []).flatMap(({ url, secret }) => (secret === undefined ? [] : [[url, secret]])),
  )
}

/** The rule with the stored secrets of webhooks that it names without one. */
function withSecrets(rule: AlertRuleBody, secrets: ReadonlyMap<string, string>): AlertRuleBody {
  const { notify } = rule
  if (!notify?.webhooks) return rule
  const webhooks = notify.webhooks.map((each) => {
    const secret = each.secret ?? secrets.get(each.url)
    return secret === undefined ? each : { ...each, secret }
  })
  return { ...rule, notify: { ...notify, webhooks } }
}
