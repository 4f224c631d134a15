/** Measures dashboards right after an import, while its rows are still in many parts, and compares them with the same on the merged store. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { runCli } from '../../support/process/cli.ts'
import { type RunningService, startService } from '../../support/process/service.ts'
import { until } from '../../support/process/until.ts'
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
const IMPORT_TIMEOUT_MS = 1_800_000

type Medians = Readonly<Record<string, number>>

export async function benchDashboardsAfterImport({ history, imported }: { history: number; imported: number }) {
  const store = await openHistory(history)
  const directory = mkdtempSync(join(tmpdir(), 'outreach-bench-import-'))
  const nats = await startNatsServer()
  try {
    const file = join(directory, 'events.ndjson')
    await runProgram('dashboards/write-import.ts', [file, String(imported), String(TENANTS)])
    const options = { natsUrl: nats.url, dataDir: store.copy(), env: { ...THREADS, LOG_LEVEL: 'warn' } }
    const first = await startService(options)
    await askRounds(first, nats, WARM_UP)
    const importSeconds = await importFile(first, nats, file, imported)
    const afterImport = await askFor(first, nats, WINDOW_MS)
    await first.stop()
    first.closeLog()
    const enginePath = join(options.dataDir, 'clickhouse')
    const parts = await runProgram<{ before: number; after: number }>('history/merge-history.ts', [enginePath], THREADS)
    const second = await startService(options)
    await askRounds(second, nats, WARM_UP)
    const merged = await askFor(second, nats, WINDOW_MS)
    await second.stop()
    second.closeLog()
    const ratios = Object.fromEntries(
      Object.keys(merged.medians).map((name) => [name, ratio(afterImport.medians[name]!, merged.medians[name]!)]),
    )
    return {
      history: { rows: store.rows, parts: store.parts },
      imported,
      importEventsPerSecond: Math.round(imported / importSeconds),
      /** Active parts when the measurement after the import had ended, and after they were merged. */
      parts,
      ratio: median(Object.values(ratios)),
      worstRatio: Math.max(...Object.values(ratios)),
      ratios,
      afterImport,
      merged,
    }
  } finally {
    await nats.stop()
    rmSync(directory, { recursive: true, force: true })
    store.close()
  }
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
