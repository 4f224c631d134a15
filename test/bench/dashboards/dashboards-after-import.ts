/** Measures dashboards right after an import, while its rows are still in many parts, and compares them with the same before it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { runCli } from '../../support/process/cli.ts'
import { type RunningService, startService } from '../../support/process/service.ts'
import { pause, until } from '../../support/process/until.ts'
import { openHistory } from '../history/open-history.ts'
import { ratio } from '../ingestion/backlog.ts'
import { median, THREADS } from '../measure/machine.ts'
import { runProgram } from '../measure/run-program.ts'
import { countStored, countStoreResponses, invalidateResponses, timeDashboard } from './ask-dashboards.ts'
import { BENCHED } from './dashboard-questions.ts'

const TENANTS = 50
/** The time after the import in which the dashboards are measured. */
const WINDOW_MS = 10_000
/** Rounds before a measurement, while a new service compiles its code and opens its files for the first time. */
const WARM_UP = 5
/** The time from the first measurement after the import to the second one. */
const SETTLE_MS = 20_000
const IMPORT_TIMEOUT_MS = 1_800_000

type Medians = Readonly<Record<string, number>>

export async function benchDashboardsAfterImport({ history, imported }: { history: number; imported: number }) {
  const store = await openHistory(history)
  const directory = mkdtempSync(join(tmpdir(), 'outreach-bench-import-'))
  const nats = await startNatsServer()
  try {
    const file = join(directory, 'events.ndjson')
    await runProgram('dashboards/write-import.ts', [file, String(imported), String(TENANTS)])
    const dataDir = store.copy()
    const env = { ...THREADS, LOG_LEVEL: 'warn' }
    const service = await startService({ natsUrl: nats.url, dataDir, env })
    await askRounds(service, nats, WARM_UP)
    const before = await askFor(service, nats, WINDOW_MS)
    const importSeconds = await importFile(service, nats, file, imported)
    const after = await askFor(service, nats, WINDOW_MS)
    await pause(SETTLE_MS)
    const settled = await askFor(service, nats, WINDOW_MS)
    await service.stop()
    service.closeLog()
    const { parts } = await runProgram<{ parts: number }>('ingestion/count-parts.ts', [join(dataDir, 'clickhouse')])
    return {
      history: { rows: store.rows, parts: store.parts },
      imported,
      importEventsPerSecond: Math.round(imported / importSeconds),
      /** Active parts at the end. */
      parts,
      afterImport: compare(after.medians, before.medians),
      /** When the merges of the import have ended. */
      settled: compare(settled.medians, before.medians),
      measured: { before, after, settled },
    }
  } finally {
    await nats.stop()
    rmSync(directory, { recursive: true, force: true })
    store.close()
  }
}

function compare(medians: Medians, base: Medians) {
  const ratios = Object.fromEntries(Object.keys(base).map((name) => [name, ratio(medians[name]!, base[name]!)]))
  return { ratio: median(Object.values(ratios)), worstRatio: Math.max(...Object.values(ratios)), ratios }
}

/** Imports the file with the command of the product; returns the seconds until all events are stored. */
async function importFile(service: RunningService, nats: NatsServer, file: string, events: number): Promise<number> {
  const storedBefore = await countStored(service)
  const startedAt = performance.now()
  const { code, output } = await runCli('import', [file], { NATS_URL: nats.url })
  if (code !== 0) throw new Error(`The import failed: ${output.slice(-1_000)}`)
  await until(async () => (await countStored(service)) === storedBefore + events, IMPORT_TIMEOUT_MS)
  return (performance.now() - startedAt) / 1_000
}

/** Requests every dashboard in rounds until the time is over; returns the median milliseconds of each. */
async function askFor(service: RunningService, nats: NatsServer, durationMs: number) {
  const times: Record<string, number[]> = {}
  const end = performance.now() + durationMs
  const responsesBefore = await countStoreResponses(service)
  let requests = 0
  let rounds = 0
  for (; rounds === 0 || performance.now() < end; rounds++)
    for (const [name, time] of await askOnce(service, nats, () => rounds === 0 || performance.now() < end)) {
      ;(times[name] ??= []).push(time)
      requests++
    }
  const responses = (await countStoreResponses(service)) - responsesBefore
  if (responses !== requests) throw new Error(`The store was asked ${responses} times for ${requests} requests.`)
  const medians: Medians = Object.fromEntries(
    Object.entries(times).map(([name, each]) => [name, Math.round(median(each) * 10) / 10]),
  )
  return { rounds, medians }
}

async function askRounds(service: RunningService, nats: NatsServer, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) await askOnce(service, nats, () => true)
}

/** Requests every dashboard once while `isTime` holds, after a new event of the tenant, so that no response is cached. */
async function askOnce(
  service: RunningService,
  nats: NatsServer,
  isTime: () => boolean,
): Promise<[name: string, ms: number][]> {
  await invalidateResponses(service, nats)
  const times: [string, number][] = []
  for (const { dashboard, timeRange } of BENCHED)
    if (isTime()) times.push([`${dashboard} ${timeRange}`, await timeDashboard(service, dashboard, timeRange)])
  return times
}
