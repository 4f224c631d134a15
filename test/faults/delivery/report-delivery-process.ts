/**
 * Runs schedules and delivers their mails with the real parts: definitions, deliveries and states on the broker, mail by SMTP. Prints `ready`, then works until it is killed. Options end the process at a step, as
 * a crash does, or take a protection away, for controls.
 */
import { parseArgs } from 'node:util'
import { connect } from 'nats'
import { parseMailServer } from '../../../src/base/addresses/mail-server.ts'
import { systemClock } from '../../../src/base/clock.ts'
import type { DeliveryStore, StoredDelivery } from '../../../src/delivery/delivery-store.ts'
import { DeliveryWorker } from '../../../src/delivery/delivery-worker.ts'
import { createSmtpMail } from '../../../src/mail/smtp-mail.ts'
import { Definitions } from '../../../src/nats/definitions/definitions.ts'
import { createDeliveryStore } from '../../../src/nats/deliveries/delivery-store.ts'
import { createRunStateStore } from '../../../src/nats/deliveries/run-state-store.ts'
import { ReportMailer } from '../../../src/reports/delivery/report-mailer.ts'
import type { ReportTarget } from '../../../src/reports/delivery/report-target.ts'
import { ScheduleRunner, type ScheduleState } from '../../../src/reports/delivery/schedule-runner.ts'
import { UnsubscribeTokens } from '../../../src/reports/delivery/unsubscribe-token.ts'
import type { Report } from '../../../src/reports/report.ts'
import type { Schedule } from '../../../src/reports/schedule/schedule.ts'
import { silentLogger as logger } from '../../support/base/silent-logger.ts'
import { sampleRun } from './sample-run.ts'

const { values } = parseArgs({
  options: {
    nats: { type: 'string', default: '' },
    smtp: { type: 'string', default: '' },
    'die-at': { type: 'string' },
    'later-ms': { type: 'string', default: '0' },
    'without-claims': { type: 'boolean', default: false },
    'without-comparison': { type: 'boolean', default: false },
  },
})
const laterMs = Number(values['later-ms'])
const clock = { ...systemClock, now: () => systemClock.now() + laterMs }

function dieAt(step: string): void {
  if (values['die-at'] === step) process.kill(process.pid, 'SIGKILL')
}

type Store = DeliveryStore<ReportTarget>
type Stored = StoredDelivery<ReportTarget> | undefined

function withCrashes(store: Store): Store {
  return {
    ...store,
    async open(delivery) {
      const entry = await store.open(delivery)
      dieAt('open')
      return entry
    },
    async create(key, delivery) {
      const created = await store.create(key, delivery)
      dieAt('record')
      return created
    },
    async replace(stored, delivery) {
      if (delivery.status === 'sent') dieAt('log')
      const replaced = await store.replace(stored, delivery)
      if (delivery.status === 'sending') dieAt(delivery.claim?.isPreparing ? 'claim' : 'handed over')
      return replaced
    },
  }
}

/** Another process's claim counts for nothing. */
function withoutClaims(store: Store): Store {
  const unclaimed = (stored: Stored): Stored =>
    stored?.delivery.status === 'sending' && stored.delivery.claim?.owner !== owner
      ? { ...stored, delivery: { ...stored.delivery, status: 'pending' } }
      : stored
  return { ...store, read: async (key) => unclaimed(await store.read(key)) }
}

/** Whoever writes wins. */
function withoutComparison(store: Store): Store {
  return {
    ...store,
    async replace(stored, delivery) {
      const current = (await store.read(stored.key)) ?? stored
      return (await store.replace(current, delivery)) ?? stored
    },
  }
}

const owner = crypto.randomUUID()
const connection = await connect({ servers: values.nats })
let store = withCrashes(createDeliveryStore<ReportTarget>(() => connection, 'report'))
if (values['without-claims']) store = withoutClaims(store)
if (values['without-comparison']) store = withoutComparison(store)
const definitions = new Definitions({ clock, logger, newId: () => crypto.randomUUID() })
const { signal } = new AbortController()
void definitions.run(connection, signal)
const schedules = definitions.of<Schedule>('schedule')
const tokens = new UnsubscribeTokens(new Uint8Array(32))
const mailer = new ReportMailer({
  mail: createSmtpMail({
    server: parseMailServer(values.smtp)!,
    from: { name: 'Reports', address: 'reports@acme.example' },
    clientName: 'stats.example',
    logger,
  }),
  messageIdDomain: 'acme.example',
  publicUrl: 'https://stats.example',
  schedules,
  reports: definitions.of<Report>('report'),
  runReport: (_, report, asOf) => Promise.resolve(sampleRun(report, asOf)),
  writeReport: () => Promise.resolve(new Uint8Array(1)),
  tokens: () => Promise.resolve(tokens),
  now: () => clock.now(),
  logger,
})
const worker = new DeliveryWorker<ReportTarget>({
  kind: 'report',
  store,
  send: (key, delivery, _, begin) => mailer.send(key, delivery, signal, begin),
  clock,
  logger,
  owner,
})
const states = createRunStateStore<ScheduleState>(() => connection, 'schedule')
const runner = new ScheduleRunner({ feed: schedules, states, worker, clock, logger })
console.log('ready')
await Promise.all([worker.run(signal), runner.run(signal)])
