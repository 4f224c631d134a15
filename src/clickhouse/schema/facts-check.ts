/**
 * Compares the facts of messages with the stored events, per tenant and month of the first sending: what can be counted without the rules of classes. Both are equal by
 * construction; the check detects defects.
 */
import { type Clock, sleep } from '../../base/clock.ts'
import { MESSAGE_CONDITIONS } from '../../analytics/engagement/message-conditions.ts'
import { MESSAGE_EVENT_KINDS } from '../../messages/message-event.ts'
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'
import { quoteText } from '../connection/sql-literals.ts'
import type { StoreConnection } from '../connection/store-connection.ts'

export interface FactsReport {
  /** `undecided` when the numbers of a month were changing during every attempt, or no facts are complete. */
  readonly verdict: 'equal' | 'unequal' | 'undecided'
  /** The first differences in words, with tenant, month and numbers. */
  readonly differences: readonly string[]
}

export interface FactsCheckOptions {
  /** The number of the rules whose facts are compared; undefined while no facts are complete. */
  readonly rules: number | undefined
  readonly clock: Clock
  /** The time after which facts that differ are read again: those of the last events may be on their way. */
  readonly retryMs?: number
}

const RETRY_MS = 5_000
const MAX_ATTEMPTS = 5
const MAX_DIFFERENCES = 10
/** About the number of events whose messages are grouped at the same time. */
const EVENTS_PER_PART = 5_000_000
const LIMITS = `max_execution_time = 3600, max_threads = 1, max_memory_usage = 2000000000, max_bytes_before_external_group_by = 500000000, optimize_use_projections = 0, ${UNQUOTED_INTEGERS}`

/** The kinds of events whose messages are counted by the conditions of the same meaning. */
const COUNTED_CONDITIONS = ['delivered', 'bounced', 'complained', 'unsubscribed', 'opened', 'clicked'] as const
const METRICS = ['messages', ...COUNTED_CONDITIONS, 'opens', 'clicks', 'lastEvents'] as const

const bit = (condition: (typeof MESSAGE_CONDITIONS)[number]) => MESSAGE_CONDITIONS.indexOf(condition)
const typeOf = (kind: string) => quoteText(`message_${kind}`)
/** The months before are expiring, row by row and month by month. */
const IS_KEPT =
  'month > toYYYYMM(now() - INTERVAL 2 YEAR) AND (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})'

const FACTS = named(
  'sum_message_facts',
  `
  SELECT tenant_id AS tenant, toYYYYMM(sent_at) AS month, sum(sign) AS messages,
    ${COUNTED_CONDITIONS.map((name) => `sum(sign * bitTest(state, ${bit(name)})) AS ${name}`).join(', ')},
    sum(sign * opens) AS opens, sum(sign * clicks) AS clicks, sum(sign * toUnixTimestamp(last_event_at)) AS lastEvents
  FROM {database:Identifier}.analytics_message_facts AS facts
  WHERE rules = {rules:UInt32} AND bitTest(state, ${bit('sent')}) AND cityHash64(message_id) % {parts:UInt32} = {part:UInt32} AND ${IS_KEPT}
  GROUP BY tenant, month HAVING messages != 0`,
  LIMITS,
)

const EVENTS = named(
  'sum_events_of_messages',
  `
  SELECT tenant_id AS tenant, toYYYYMM(first_sent) AS month, count() AS messages,
    ${COUNTED_CONDITIONS.map((name) => `countIf(${name}_events > 0) AS ${name}`).join(', ')},
    sum(opened_events) AS opens, sum(clicked_events) AS clicks, sum(toUnixTimestamp(last_at)) AS lastEvents
  FROM (
    SELECT tenant_id, minIf(occurred_at, event_type = ${typeOf('sent')}) AS first_sent, max(occurred_at) AS last_at,
      countIf(event_type = ${typeOf('sent')}) AS sent_events,
      ${COUNTED_CONDITIONS.map((name) => `countIf(event_type = ${typeOf(name)}) AS ${name}_events`).join(', ')}
    FROM {database:Identifier}.analytics_events
    WHERE event_type IN (${MESSAGE_EVENT_KINDS.map(typeOf).join(', ')}) AND cityHash64(entity_id) % {parts:UInt32} = {part:UInt32}
      AND (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})
    GROUP BY tenant_id, entity_id
    HAVING sent_events > 0
  )
  WHERE ${IS_KEPT}
  GROUP BY tenant, month`,
  LIMITS,
)

const COUNT_EVENTS = named(
  'count_events_of_messages',
  `SELECT count() AS events FROM {database:Identifier}.analytics_events WHERE event_type IN (${MESSAGE_EVENT_KINDS.map(typeOf).join(', ')})`,
  UNQUOTED_INTEGERS,
)

type Sums = Readonly<Record<(typeof METRICS)[number], number>>
type MonthRow = Sums & { readonly tenant: string; readonly month: number }

interface Difference {
  readonly tenant: string
  readonly sentence: string
}

/** Rejects with a StoreFailure when a comparison is impossible. */
export async function checkFacts(
  connection: StoreConnection,
  database: string,
  { rules, clock, retryMs = RETRY_MS }: FactsCheckOptions,
): Promise<FactsReport> {
  if (rules === undefined) return { verdict: 'undecided', differences: [] }
  const [count] = await connection.query<{ events: number }>(COUNT_EVENTS, { database })
  const parts = Math.max(1, Math.ceil(count!.events / EVENTS_PER_PART))
  let isUndecided = false
  const found: Difference[] = []
  for (let part = 0; part < parts; part++) {
    const compare = (tenants: readonly string[]) =>
      compareSums(connection, { database, rules, parts, part, tenants: [...tenants] })
    let differences = await compare([])
    for (let attempt = 1; differences.length > 0; attempt++) {
      if (attempt === MAX_ATTEMPTS) isUndecided = true
      if (attempt === MAX_ATTEMPTS) break
      await sleep(clock, retryMs)
      const before = new Set(differences.map(({ sentence }) => sentence))
      differences = await compare([...new Set(differences.map(({ tenant }) => tenant))])
      const lasting = differences.filter(({ sentence }) => before.has(sentence))
      if (lasting.length === 0) continue
      found.push(...lasting)
      break
    }
  }
  const verdict = found.length > 0 ? 'unequal' : isUndecided ? 'undecided' : 'equal'
  return { verdict, differences: found.slice(0, MAX_DIFFERENCES).map(({ sentence }) => sentence) }
}

interface CheckedPart {
  readonly database: string
  readonly rules: number
  readonly parts: number
  readonly part: number
  /** Empty = all. */
  readonly tenants: string[]
}

async function compareSums(connection: StoreConnection, part: CheckedPart): Promise<Difference[]> {
  const keyOf = ({ tenant, month }: MonthRow) => `${tenant} ${month}`
  const facts = new Map((await connection.query<MonthRow>(FACTS, { ...part })).map((row) => [keyOf(row), row]))
  const events = new Map((await connection.query<MonthRow>(EVENTS, { ...part })).map((row) => [keyOf(row), row]))
  const differences: Difference[] = []
  for (const key of new Set([...facts.keys(), ...events.keys()])) {
    const [ofFacts, ofEvents] = [facts.get(key), events.get(key)]
    const { tenant, month } = (ofFacts ?? ofEvents)!
    const wrong = METRICS.filter((name) => (ofFacts?.[name] ?? 0) !== (ofEvents?.[name] ?? 0))
    if (wrong.length === 0) continue
    const numbers = wrong.map((name) => `${name} ${ofFacts?.[name] ?? 0} instead of ${ofEvents?.[name] ?? 0}`)
    differences.push({ tenant, sentence: `tenant ${tenant}, month ${month}: ${numbers.join(', ')}` })
  }
  return differences
}
