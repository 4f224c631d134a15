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
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import {
  answered,
  authorizedFor,
  type DefinitionContext,
  entityTagOf,
  expectedRevision,
  requireFound,
  sendDefinition,
} from '../reports/definition-requests.ts'
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

export interface AlertContext extends DefinitionContext {
  readonly params: { readonly alertId: string }
}

/** The body has been checked by the schema. */
interface WithBody {
  readonly body: AlertRuleBody
}

export const ALERT_KIND = 'alert'

export function serveAlertList(context: DefinitionContext, services: AlertServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.alerts.access)
  const { definitions } = services.alerts
  return answered(ALERT_KIND, async () => {
    const rules = definitions.list(authorization.principal.tenantId)
    const alerts = await Promise.all(rules.map((definition) => viewOf(services, definition)))
    return sendDefinition(context, services, authorization, { alerts })
  })
}

export function serveNewAlert(context: DefinitionContext & WithBody, services: AlertServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.alerts.changeAccess)
  const { alerts, clock } = services
  authorization.auditedBody = auditedRule(context.body)
  resolveRule(context.body, alerts)
  const body: AlertDefinition = { rule: completeBody(context.body), judgedSince: clock.now() }
  return answered(ALERT_KIND, async () => {
    const created = await alerts.definitions.create(authorization.principal.tenantId, body)
    return sendAlert(context, services, created, 201)
  })
}

export function serveAlert(context: AlertContext, services: AlertServices): Promise<Response> {
  const { principal } = authorizedFor(context.request, ROUTES.alert.access)
  return answered(ALERT_KIND, async () =>
    sendAlert(context, services, await findAlert(services, principal.tenantId, context)),
  )
}

export function serveAlertChange(context: AlertContext & WithBody, services: AlertServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.alert.changeAccess)
  const { tenantId } = authorization.principal
  const { alerts, clock } = services
  authorization.auditedBody = auditedRule(context.body)
  return answered(ALERT_KIND, async () => {
    const current = await findAlert(services, tenantId, context)
    const revision = expectedRevision(context.request, current)
    const secrets = secretsOf(current.body.rule)
    resolveRule(context.body, { ...alerts, knownWebhooks: new Set(secrets.keys()) })
    const rule = completeBody(withSecrets(context.body, secrets))
    const changed = withRule(current.body, rule, clock.now())
    return sendAlert(context, services, await alerts.definitions.replace(tenantId, current.id, changed, revision))
  })
}

export function serveAlertRemoval(context: AlertContext, services: AlertServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.alert.changeAccess)
  const { tenantId } = authorization.principal
  const { definitions, records } = services.alerts
  return answered(ALERT_KIND, async () => {
    const current = await findAlert(services, tenantId, context)
    await definitions.remove(tenantId, current.id, expectedRevision(context.request, current))
    // The id is never used again: a record that stays after a failure is not in use.
    await records.remove(tenantId, current.id).catch(() => {})
    return sendDefinition(context, services, authorization, { id: current.id })
  })
}

/** The rule of a request. Throws NOT_FOUND, also when it is another tenant's. */
export async function findAlert(
  { alerts }: AlertServices,
  tenantId: string,
  { params }: Pick<AlertContext, 'params'>,
): Promise<Definition<AlertDefinition>> {
  return requireFound(await alerts.definitions.find(tenantId, params.alertId), ALERT_KIND)
}

export async function sendAlert(
  context: DefinitionContext,
  services: AlertServices,
  definition: Definition<AlertDefinition>,
  status = 200,
): Promise<Response> {
  const authorization = authenticatedContextOf(context.request)
  const data = await viewOf(services, definition)
  return sendDefinition(context, services, authorization, data, { etag: entityTagOf(definition), status })
}

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

function secretsOf({ notify }: AlertRuleBody): ReadonlyMap<string, string> {
  return new Map((notify?.webhooks ?? []).flatMap(({ url, secret }) => (secret === undefined ? [] : [[url, secret]])))
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

/** The part of a rule without its texts, addresses and values. */
function auditedRule({ metric, detector, granularity, splitBy }: AlertRuleBody): string {
  return `metric=${metric}&detector=${detector.kind}&granularity=${granularity}&splitBy=${splitBy ?? ''}`
}
