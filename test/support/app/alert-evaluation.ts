/** Alert rules on a real broker with evaluators that a test moves by itself, over the store of an app in this process. */
import { Evaluator } from '../../../src/alerts/evaluation/evaluator.ts'
import type { AlertRecord, RecordedTransition } from '../../../src/alerts/evaluation/alert-record.ts'
import { type AlertTarget, deliveriesOf } from '../../../src/alerts/notifications/notification.ts'
import { createNotificationSender } from '../../../src/alerts/notifications/send-notification.ts'
import type { AlertRecordStore } from '../../../src/alerts/ports.ts'
import type { QueryPort } from '../../../src/analytics/query/tenant-query.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { DeliveryWorker } from '../../../src/delivery/delivery-worker.ts'
import { createWebhookClient } from '../../../src/host/webhook-client.ts'
import type { AlertParts } from '../../../src/http/alerts/serve-alerts.ts'
import { createAlertRecordStore } from '../../../src/nats/alerts/alert-records.ts'
import { createDeliveryStore } from '../../../src/nats/deliveries/delivery-store.ts'
import { silentLogger } from '../base/silent-logger.ts'
import { testFactsAsOf } from '../store/facts/test-facts.ts'
import type { openDefinitions } from './stored-definitions.ts'

const DELIVERIES = 'alert'

type Stored = Awaited<ReturnType<typeof openDefinitions>>

interface EvaluatorSetting {
  /** The tenant whose rules are judged. */
  readonly tenantId: string
  /** The present of the evaluation. */
  readonly now: () => number
  readonly lagMs?: () => number
  readonly records?: AlertRecordStore
  readonly announce?: (transition: RecordedTransition) => void
  /** Sends the notifications; without it nobody is told. */
  readonly worker?: DeliveryWorker<AlertTarget>
}

export function alertEvaluation({ stores, connection }: Stored, port: () => QueryPort) {
  const definitions = stores.alertRules
  const records = createAlertRecordStore(() => connection)
  const deliveriesOfKind = (kind: string) => createDeliveryStore<AlertTarget>(() => connection, kind)
  const deliveries = deliveriesOfKind(DELIVERIES)
  const evaluatorOf = ({ tenantId, now, lagMs = () => 0, announce, worker, ...given }: EvaluatorSetting) =>
    new Evaluator({
      definitions,
      records: given.records ?? records,
      sourceAt: (instant) => ({ port: port(), factsOf: () => testFactsAsOf(instant) }),
      async announce(definition, transition) {
        announce?.(transition)
        for (const delivery of worker ? await deliveriesOf(definition, transition) : []) await worker!.enqueue(delivery)
      },
      lagMs,
      isLocal: (tenant) => tenant === tenantId,
      clock: { ...systemClock, now },
      logger: silentLogger,
      report: (_, error) => {
        throw error
      },
    })
  const sendAt = (now: () => number) =>
    createNotificationSender({
      definitions,
      mail: undefined,
      callWebhook: createWebhookClient({ allowsPrivate: true }),
      publishEvent: () => Promise.resolve(),
      publicUrl: undefined,
      now,
    })
  /** A process that sends notifications. With another kind it shares no deliveries with the others. */
  const workerOf = (now: () => number, kind = DELIVERIES) =>
    new DeliveryWorker<AlertTarget>({
      kind: DELIVERIES,
      store: deliveriesOfKind(kind),
      send: sendAt(now),
      owner: crypto.randomUUID(),
      clock: { ...systemClock, now },
      logger: silentLogger,
    })
  /** How many deliveries of these kinds are not settled. */
  const openOf = async (kinds: readonly string[]) =>
    (await Promise.all(kinds.map((kind) => deliveriesOfKind(kind).listOpen()))).flat().length
  return { definitions, records, deliveries, openOf, evaluatorOf, workerOf }
}

/** The alerts of the app: rules that are judged only when a test does so. */
export function alertPartsOf(
  { definitions, records, deliveries }: ReturnType<typeof alertEvaluation>,
  evaluator: () => Evaluator | undefined,
): AlertParts {
  return {
    definitions,
    records,
    deliveries,
    isStale: () => evaluator()?.isStale ?? false,
    problemOf: (id) => evaluator()?.problemOf(id),
    allowsPrivateWebhooks: false,
    isMailConfigured: false,
  }
}

/** Writes of two processes at the same revision: each write waits for that of the other one. `isGuarded`: whether the second one is refused, as the broker does by the revision. */
export function meetingRecords(records: AlertRecordStore, isGuarded: boolean) {
  let waiting: (() => void) | undefined
  let stored = 0
  const meet = () =>
    new Promise<void>((resolve) => {
      if (waiting) {
        waiting()
        resolve()
      } else waiting = resolve
    })
  const overwrite = async (tenantId: string, ruleId: string, record: AlertRecord) => {
    const current = await records.read(tenantId, ruleId)
    return records.write(tenantId, ruleId, record, current?.revision ?? 0)
  }
  const store: AlertRecordStore = {
    ...records,
    async write(tenantId, ruleId, record, expected) {
      await meet()
      const guarded = await records.write(tenantId, ruleId, record, expected)
      const revision = guarded ?? (isGuarded ? undefined : await overwrite(tenantId, ruleId, record))
      if (revision !== undefined) stored++
      return revision
    },
  }
  return { store, stored: () => stored }
}
