/** The findings at the end of every fault run: rows, ids, the facts of messages, dead letters, the ledger, a dashboard. */
import { OUTCOMES } from '../../src/ingest/accounting/ledger.ts'
import { join } from 'node:path'
import { connect } from 'nats'
import { DEAD_LETTER_HEADERS } from '../../src/nats/dead-letters/dead-letter-headers.ts'
import { DEAD_LETTER_STREAM } from '../../src/nats/names.ts'
import { readStored, type Stored } from './load/stored.ts'
import { differences, type Truth } from './load/truth.ts'
import type { ServiceProcess } from './processes/service-process.ts'
import type { FaultContext } from './context.ts'

const MAX_SAID = 20

export interface Findings {
  readonly rows: number
  readonly ids: number
  readonly dead: number
  readonly ledger: string
  /** In words; none when all is exact. */
  readonly differences: readonly string[]
}

export async function findDifferences(context: FaultContext, truth: Truth): Promise<Findings> {
  const ledgers = await Promise.all(context.services.map(readLedger))
  const dashboards = await Promise.all(context.services.map((service) => readDashboard(service, truth)))
  await Promise.all(context.services.map((service) => service.stop()))
  const { sums, ids, factsDifferences } = await readStore(context)
  const letters = await readDeadLetters(context)
  return {
    rows: sums.reduce((sum, { rows }) => sum + rows, 0),
    ids,
    dead: [...letters.values()].reduce((sum, messages) => sum + messages.size, 0),
    ledger: ledgers.map(({ sentence }) => sentence).join('; '),
    differences: shortened([
      ...differences(truth, sums, ids),
      ...shortened(factsDifferences),
      ...ledgers.flatMap((ledger) => ledger.differences),
      ...dashboards.flat(),
      ...deadDifferences(truth, letters),
    ]),
  }
}

function shortened(said: readonly string[]): readonly string[] {
  return said.length <= MAX_SAID ? said : [...said.slice(0, MAX_SAID), `and ${said.length - MAX_SAID} more`]
}

/** Since its last start. */
async function readLedger(service: ServiceProcess): Promise<{ sentence: string; differences: string[] }> {
  const metrics = await service.metrics()
  const side = (outcome: string) => metrics.get(`analytics_ledger_events{outcome="${outcome}"}`) ?? Number.NaN
  const sides = [...OUTCOMES, 'buffered'].map((outcome) => [outcome, side(outcome)] as const)
  const sum = sides.reduce((total, [, count]) => total + count, 0)
  const sentence = `${side('delivered')} delivered = ${sides.map(([outcome, count]) => `${count} ${outcome}`).join(' + ')}`
  const said: string[] = []
  if (sum !== side('delivered')) said.push(`the ledger does not add up: ${sentence}`)
  if (metrics.get('analytics_ledger_unbalanced_tenants') !== 0) said.push('the ledger does not add up for a tenant')
  return { sentence, differences: said }
}

async function readDashboard(service: ServiceProcess, truth: Truth): Promise<string[]> {
  const said: string[] = []
  for (const tenant of ['tenant-0', 'tenant-7']) {
    const response = await service.get('/api/v1/analytics/messages?timeRange=90d', tenant)
    const { data } = (await response.json()) as { data?: { summary: Record<string, number> } }
    for (const name of ['sent', 'delivered', 'opened', 'clicked']) {
      const wanted = truth.stored.get(`${tenant}/message_${name}`)?.rows ?? 0
      if (data?.summary[name] !== wanted)
        said.push(`the dashboard of ${tenant} shows ${data?.summary[name]} ${name}, should be ${wanted}`)
    }
  }
  return said
}

async function readStore(context: FaultContext): Promise<Stored> {
  if (context.storeWire) return readStored((sql) => context.ask(sql))
  // In a process of its own: one can have a single directory open.
  const program = join(import.meta.dir, 'processes/read-store-process.ts')
  const child = Bun.spawn([process.execPath, program, join(context.service.dataDir, 'clickhouse')], {
    stdout: 'pipe',
    stderr: 'inherit',
  })
  return JSON.parse(await new Response(child.stdout).text()) as Stored
}

/**
 * The distinct original messages in the dead letters, by reason: one that the producer sent again after a lost answer may be there twice. Message by message, which the stream's
 * leader answers: a consumer reads the copy of any server, and on nats-server 2.9 the copy of one that was killed and came back may lack the last messages.
 */
async function readDeadLetters({ brokerUrls }: FaultContext): Promise<Map<string, Set<string>>> {
  const connection = await connect({ servers: [...brokerUrls] })
  const letters = new Map<string, Set<string>>()
  const jsm = await connection.jetstreamManager()
  const { state } = await jsm.streams.info(DEAD_LETTER_STREAM)
  for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
    const { header } = await jsm.streams.getMessage(DEAD_LETTER_STREAM, { seq })
    const reason = header.get(DEAD_LETTER_HEADERS.reason)
    const messages = letters.get(reason) ?? new Set()
    letters.set(reason, messages.add(header.get(`${DEAD_LETTER_HEADERS.original}Nats-Msg-Id`)))
  }
  await connection.close()
  return letters
}

function deadDifferences(truth: Truth, letters: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const said: string[] = []
  for (const reason of new Set([...truth.dead.keys(), ...letters.keys()])) {
    const [found, wanted] = [letters.get(reason)?.size ?? 0, truth.dead.get(reason) ?? 0]
    if (found !== wanted) said.push(`${found} dead letters for ${reason}, should be ${wanted}`)
  }
  return said
}
