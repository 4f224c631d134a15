/**
 * `bun alert-rounds.ts path rules`: judges alert rules over a history in this directory, with their records on a broker, and prints the time of each round. The first round
 * judges rules that are new to the process; each later one is an hour later.
 */
import type { AlertDefinition } from '../../../src/alerts/alert-definition.ts'
import { type EvaluationRound, Evaluator } from '../../../src/alerts/evaluation/evaluator.ts'
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
import { alertRules } from './alert-rules.ts'

const HOUR_MS = 3_600_000
const ROUNDS = 3
const [path = '', rulesText = ''] = process.argv.slice(2)

const tenants = PARAMETERS.historyTenants
const definitions = alertRules(Number(rulesText), tenants).map(
  ({ tenantId, rule }, index): Definition<AlertDefinition> => ({
    tenantId,
    id: `rule-${index}`,
    version: 1,
    revision: 1,
    createdAt: 0,
    changedAt: 0,
    body: { rule, judgedSince: 1 },
  }),
)
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
  clock: {
    ...systemClock,
    now: () => start + hour * HOUR_MS,
    monotonic: () => systemClock.monotonic() + hour * HOUR_MS,
  },
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
