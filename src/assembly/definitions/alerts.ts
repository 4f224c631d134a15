/** The alerts of the service: rules that are evaluated, and the notifications that follow. */
import type { NatsConnection } from 'nats'
import type { AlertDefinition } from '../../alerts/alert-definition.ts'
import { Evaluator } from '../../alerts/evaluation/evaluator.ts'
import { type AlertTarget, deliveriesOf } from '../../alerts/notifications/notification.ts'
import { createNotificationSender } from '../../alerts/notifications/send-notification.ts'
import type { CallWebhook } from '../../alerts/ports.ts'
import { factsAsOf, type FactsSource, requireFacts } from '../../analytics/engagement/facts-as-of.ts'
import type { QueryPort } from '../../analytics/query/tenant-query.ts'
import { type Clock, whenAborted } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { Config } from '../../config.ts'
import { DefinitionFailure } from '../../definitions/errors.ts'
import type { DefinitionFeed, DefinitionStore } from '../../definitions/ports.ts'
import { DeliveryWorker } from '../../delivery/delivery-worker.ts'
import type { MailPort } from '../../delivery/mail-port.ts'
import type { AlertParts } from '../../http/alerts/serve-alerts.ts'
import { createSmtpMail } from '../../mail/smtp-mail.ts'
import { createAlertRecordStore } from '../../nats/alerts/alert-records.ts'
import { createAlertPublisher } from '../../nats/alerts/alert-stream.ts'
import { createDeliveryStore } from '../../nats/deliveries/delivery-store.ts'
import type { IngestionAssembly } from '../ingestion/ingestion-parts.ts'

export interface AlertsOptions {
  readonly definitions: DefinitionStore<AlertDefinition> & DefinitionFeed<AlertDefinition>
  readonly port: QueryPort
  readonly facts: FactsSource
  readonly callWebhook: CallWebhook
  readonly config: Pick<Config, 'mailServer' | 'mailFrom' | 'publicUrl' | 'webhookAllowPrivate'>
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
}

/** The kind of the deliveries in the store. */
const ALERT_DELIVERIES = 'alert'
/** Webhooks that do not answer take ten seconds each: others do not wait for them. */
const CONCURRENT_DELIVERIES = 32

export class Alerts {
  readonly parts: AlertParts
  readonly #worker: DeliveryWorker<AlertTarget>
  readonly #createEvaluator: (ingestion: IngestionAssembly) => Evaluator
  readonly #stopped = new AbortController()
  /** Cuts the attempts in progress off. */
  readonly #cut = new AbortController()
  #connection: NatsConnection | undefined
  #evaluator: Evaluator | undefined
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: AlertsOptions) {
    const { config, definitions, port, facts, metrics, clock, logger } = options
    const connection = () => {
      if (!this.#connection) throw new DefinitionFailure('unavailable', 'The broker is not connected yet.')
      return this.#connection
    }
    const records = createAlertRecordStore(connection)
    const deliveries = createDeliveryStore<AlertTarget>(connection, ALERT_DELIVERIES)
    const mail = createMail(config, logger)
    const publishEvent = createAlertPublisher(connection)
    const send = createNotificationSender({
      ...options,
      mail,
      publicUrl: config.publicUrl,
      publishEvent,
      now: () => clock.now(),
    })
    this.#worker = new DeliveryWorker({
      kind: ALERT_DELIVERIES,
      store: deliveries,
      send: (key, delivery, _, begin) => send(key, delivery, this.#cut.signal, begin),
      maxConcurrent: CONCURRENT_DELIVERIES,
      owner: crypto.randomUUID(),
      clock,
      logger,
    })
    this.#createEvaluator = (ingestion) =>
      new Evaluator({
        ...options,
        records,
        lagMs: () => ingestion.ingestion.lag().seconds * 1_000,
        isLocal: (tenantId) => ingestion.isLocal(tenantId),
        sourceAt: (now) => ({ port, factsOf: () => requireFacts({ facts: factsAsOf(facts, now) }) }),
        announce: async (definition, transition) => {
          for (const delivery of await deliveriesOf(definition, transition)) await this.#worker.enqueue(delivery)
        },
        onRound: ({ rules, seconds }) => {
          metrics.alertRulesJudged.add(rules)
          metrics.alertRoundSeconds.observe(seconds)
        },
      })
    this.parts = {
      definitions,
      records,
      deliveries,
      isStale: () => this.#evaluator?.isStale ?? false,
      problemOf: (ruleId) => this.#evaluator?.problemOf(ruleId),
      allowsPrivateWebhooks: config.webhookAllowPrivate,
      isMailConfigured: mail !== undefined,
    }
  }

  /** Begins to evaluate rules and to send notifications. */
  start(connection: NatsConnection, ingestion: IngestionAssembly): void {
    this.#connection = connection
    this.#evaluator = this.#createEvaluator(ingestion)
    const { signal } = this.#stopped
    this.#running = Promise.all([this.#evaluator.run(signal), this.#worker.run(signal)])
  }

  /** Begins nothing any more, and resolves when what is in progress has ended. At the deadline attempts are cut off: their outcome is `unknown` then. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopped.abort()
    await Promise.race([this.#running, whenAborted(deadline)])
    this.#cut.abort()
  }
}

/** Undefined without a mail server; the configuration has the sender and the address of the service where it has one. */
function createMail(
  { mailServer: server, mailFrom: from, publicUrl }: AlertsOptions['config'],
  logger: Logger,
): MailPort | undefined {
  if (!server || !from || publicUrl === undefined) return undefined
  return createSmtpMail({ server, from, clientName: new URL(publicUrl).hostname, logger })
}
