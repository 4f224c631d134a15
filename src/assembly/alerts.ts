/** The alerts of the service: rules that are evaluated, and the notifications that follow. */
import type { NatsConnection } from 'nats'
import type { AlertDefinition } from '../alerts/alert-definition.ts'
import { type EvaluationRound, Evaluator } from '../alerts/evaluation/evaluator.ts'
import { type AlertTarget, deliveriesOf } from '../alerts/notifications/notification.ts'
import { createNotificationSender } from '../alerts/notifications/send-notification.ts'
import type { AlertRecordStore, CallWebhook } from '../alerts/ports.ts'
import { factsAsOf, type FactsSource, requireFacts } from '../analytics/engagement/facts-as-of.ts'
import type { QueryPort } from '../analytics/query/tenant-query.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'
import type { DefinitionFeed, DefinitionStore } from '../definitions/ports.ts'
import type { DeliveryStore } from '../delivery/delivery-store.ts'
import { DeliveryWorker } from '../delivery/delivery-worker.ts'
import type { MailPort } from '../delivery/mail-port.ts'
import type { AlertParts } from '../http/alerts/serve-alerts.ts'
import { createAlertRecordStore } from '../nats/alerts/alert-records.ts'
import { createAlertPublisher } from '../nats/alerts/alert-stream.ts'
import { createDeliveryStore } from '../nats/deliveries/delivery-store.ts'

export interface AlertsOptions {
  readonly definitions: DefinitionStore<AlertDefinition> & DefinitionFeed<AlertDefinition>
  readonly port: QueryPort
  readonly facts: FactsSource
  /** Undefined in a service without a mail server. */
  readonly mail: MailPort | undefined
  readonly callWebhook: CallWebhook
  readonly publicUrl: string | undefined
  readonly allowsPrivateWebhooks: boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
}

export interface AlertsStart {
  readonly connection: NatsConnection
  /** How far ingestion is behind the stream, in milliseconds. */
  readonly lagMs: () => number
  /** Whether this process judges the rules of a tenant. */
  readonly isLocal: (tenantId: string) => boolean
  readonly signal: AbortSignal
}

/** What is stored on the broker. */
interface Stores {
  readonly records: AlertRecordStore
  readonly deliveries: DeliveryStore<AlertTarget>
}

/** Webhooks that do not answer take ten seconds each: others do not wait for them. */
const CONCURRENT_DELIVERIES = 32

export class Alerts {
  readonly parts: AlertParts
  readonly #options: AlertsOptions
  #stores: Stores | undefined
  #evaluator: Evaluator | undefined

  constructor(options: AlertsOptions) {
    this.#options = options
    const stores = () => this.#connected()
    this.parts = {
      definitions: options.definitions,
      records: {
        read: async (...place) => stores().records.read(...place),
        write: async (...write) => stores().records.write(...write),
        remove: async (...place) => stores().records.remove(...place),
      },
      deliveries: {
        listIds: async (...source) => stores().deliveries.listIds(...source),
        read: async (key) => stores().deliveries.read(key),
      },
      isStale: () => this.#evaluator?.isStale ?? false,
      problemOf: (ruleId) => this.#evaluator?.problemOf(ruleId),
      allowsPrivateWebhooks: options.allowsPrivateWebhooks,
      isMailConfigured: options.mail !== undefined,
    }
  }

  /** Evaluates rules and sends notifications until the signal aborts. Resolves when nothing is in progress any more. */
  async run({ connection, lagMs, isLocal, signal }: AlertsStart): Promise<void> {
    const { definitions, port, facts, metrics, clock, logger, report } = this.#options
    const records = createAlertRecordStore(() => connection)
    const deliveries = createDeliveryStore<AlertTarget>(() => connection, 'alert')
    this.#stores = { records, deliveries }
    const worker = new DeliveryWorker<AlertTarget>({
      kind: 'alert',
      store: deliveries,
      send: createNotificationSender({ ...this.#options, publishEvent: createAlertPublisher(connection) }),
      maxConcurrent: CONCURRENT_DELIVERIES,
      owner: crypto.randomUUID(),
      clock,
      logger,
    })
    this.#evaluator = new Evaluator({
      definitions,
      records,
      sourceAt: (now) => ({ port, factsOf: () => requireFacts({ facts: factsAsOf(facts, now) }) }),
      announce: async (definition, transition) => {
        for (const delivery of await deliveriesOf(definition, transition)) await worker.enqueue(delivery)
      },
      lagMs,
      isLocal,
      onRound: (round) => observe(metrics, round),
      clock,
      logger,
      report,
    })
    await Promise.all([this.#evaluator.run(signal), worker.run(signal)])
  }

  #connected(): Stores {
    if (!this.#stores) throw new Error('The broker is not connected yet.')
    return this.#stores
  }
}

function observe({ alertRulesJudged, alertRoundSeconds }: ServiceMetrics, { rules, seconds }: EvaluationRound): void {
  alertRulesJudged.add(rules)
  alertRoundSeconds.observe(seconds)
}
