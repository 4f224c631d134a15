/**
 * `bun alert-rounds.ts path rules`: judges alert rules over a history in this directory, with their records on a broker, and prints the time of each round. The first round
 * judges rules that are new to the process; each later one is an hour later.
 */
import type { AlertDefinition } from '../../../src/alerts/alert-definition.ts'
import { type EvaluationRound, Evaluator } from '../../../src/alerts/evaluation/evaluator.ts'
import type { AlertRuleBody } from '../../../src/alerts/rules/rule-schema.ts'
import { completeBody } from '../../../src/alerts/rules/resolve-rule.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { ActiveVersion } from '../../../src/clickhouse/facts/versions/active-version.ts'
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { createQueryPort } from '../../../src/clickhouse/read/query-port.ts'
import { factsAsOf, requireFacts } from '../../../src/analytics/engagement/facts-as-of.ts'
import { createFactsSource } from '../../../src/assembly/facts-source.ts'
import { DEFAULT_RULES_BY_TENANT } from '../../../src/messages/classes/parse-class-rules.ts'
import type { Definition } from '../../../src/definitions/ports.ts'
import { createAlertRecordStore } from '../../../src/nats/alerts/alert-records.ts'
import { connectNats } from '../../../src/nats/connection.ts'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'
import { PARAMETERS } from '../measure/parameters.ts'

const HOUR_MS = 3_600_000
const ROUNDS = 3
const [path = '', rulesText = ''] = process.argv.slice(2)

const EMAIL = { dimension: 'channel', operator: 'in', values: ['email'] } as const
type Sample = Pick<AlertRuleBody, 'metric' | 'detector'> & Partial<AlertRuleBody>
/** What a tenant with twenty rules may have: most of all counts and rates, some of one channel, few of one campaign or by channel. */
const SAMPLES: readonly Sample[] = [
  { metric: 'sent', detector: { kind: 'seasonalCount' } },
  { metric: 'sent', detector: { kind: 'silence' } },
  { metric: 'sent', detector: { kind: 'threshold', above: 100_000 } },
  { metric: 'delivered', detector: { kind: 'seasonalCount', direction: 'down' } },
  { metric: 'clicked', detector: { kind: 'seasonalCount' } },
  { metric: 'unsubscribed', detector: { kind: 'seasonalCount', direction: 'up' } },
  { metric: 'bounceRate', detector: { kind: 'threshold', above: 10, minDenominator: 50 } },
  { metric: 'bounceRate', detector: { kind: 'rateShift' } },
  { metric: 'deliveryRate', detector: { kind: 'rateShift', direction: 'down' } },
  { metric: 'hardBounceRate', detector: { kind: 'threshold', above: 5, minDenominator: 50 } },
  { metric: 'complaintRate', detector: { kind: 'rareRate', p0: 0.001, minDenominator: 100 } },
  { metric: 'complaintRate', detector: { kind: 'rareRate', p0: 0.003, minDenominator: 100 } },
  { metric: 'acceptedRate', detector: { kind: 'threshold', below: 50, minDenominator: 50 } },
  { metric: 'runsFailed', detector: { kind: 'seasonalCount', direction: 'up' } },
  { metric: 'sent', filter: EMAIL, detector: { kind: 'seasonalCount' } },
  { metric: 'opened', filter: EMAIL, detector: { kind: 'seasonalCount', direction: 'down' } },
  { metric: 'humanOpenRate', filter: EMAIL, detector: { kind: 'rateShift', direction: 'down' } },
  { metric: 'sent', splitBy: 'channel', detector: { kind: 'seasonalCount' } },
  { metric: 'bounceRate', splitBy: 'channel', detector: { kind: 'threshold', above: 10, minDenominator: 50 } },
  {
    metric: 'sent',
    filter: { dimension: 'campaign', operator: 'in', values: ['campaign-1'] },
    detector: { kind: 'seasonalCount' },
  },
]

const tenants = PARAMETERS.historyTenants
const definitions = Array.from({ length: Number(rulesText) }, (_, index): Definition<AlertDefinition> => {
  const sample = SAMPLES[Math.floor(index / tenants) % SAMPLES.length]!
  const rule = completeBody({
    name: `Rule ${index}`,
    granularity: 'hour',
    timezone: 'UTC',
    settleMinutes: 10,
    ...sample,
  })
  const id = `rule-${index}`
  const tenantId = `tenant-${1 + (index % tenants)}`
  return { tenantId, id, version: 1, revision: 1, createdAt: 0, changedAt: 0, body: { rule, judgedSince: 1 } }
})
const byId = new Map(definitions.map((each) => [each.id, each]))

const nats = await startNatsServer()
const connection = await connectNats({ servers: [nats.url], name: 'bench' })
const metrics = createServiceMetrics()
const store = await connectEmbeddedStore({ path, database: 'analytics', readerCount: 2 })
const active = new ActiveVersion({
  connection: store.lookups,
  rules: DEFAULT_RULES_BY_TENANT,
  clock: systemClock,
  onSwitch: () => {},
  onRefresh: () => {},
})
await active.refresh()
const facts = createFactsSource(active)
const port = createQueryPort(store, systemClock, metrics)
/** The history ends now: the rounds are those of the hours before. */
const start = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - ROUNDS * HOUR_MS + 10 * 60_000
let hour = 0
const rounds: EvaluationRound[] = []
const evaluator = new Evaluator({
  definitions: {
    all: () => definitions,
    onChange: () => () => {},
    find: (_, id) => Promise.resolve(byId.get(id)),
  },
  records: createAlertRecordStore(() => connection),
  sourceAt: (now) => ({ port, factsOf: () => requireFacts({ facts: factsAsOf(facts, now) }) }),
  announce: () => Promise.resolve(),
  lagMs: () => 0,
  isLocal: () => true,
  onRound: (round) => rounds.push(round),
  clock: { ...systemClock, now: () => start + hour * HOUR_MS },
  logger: silentLogger,
  report: (_, error) => {
    throw error
  },
})
await evaluator.update()
const never = new AbortController().signal
let cpu = process.cpuUsage()
const cpuSeconds: number[] = []
for (; hour <= ROUNDS; hour++) {
  await evaluator.round(never)
  const used = process.cpuUsage(cpu)
  cpuSeconds.push(Math.round((used.user + used.system) / 100_000) / 10)
  cpu = process.cpuUsage()
  process.stderr.write(`  round ${hour}: ${JSON.stringify(rounds.at(-1))}, ${cpuSeconds.at(-1)} s of processor time\n`)
}
process.stdout.write(
  JSON.stringify({
    rules: definitions.length,
    tenants,
    rounds: rounds.map(({ rules, reads, seconds }, index) => ({
      rules,
      reads,
      seconds: Math.round(seconds * 10) / 10,
      cpuSeconds: cpuSeconds[index],
    })),
  }),
)
await connection.close()
await store.close()
await nats.stop()
process.exit(0)
