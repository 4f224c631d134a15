/** A long history for benchmarks, filled once and used by many runs, each of which gets a copy of its own. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { startService } from '../../support/process/service.ts'
import { pause } from '../../support/process/until.ts'
import { THREADS } from '../measure/machine.ts'
import { cpuSeconds } from '../measure/process-usage.ts'
import { runProgram } from '../measure/run-program.ts'
import { copyStore, fingerprintOf } from './copy-store.ts'
import { fillHistory } from './fill.ts'

/** A directory in which the histories are kept by size for later runs; by default they are deleted. A kept history ends on the day on which it was filled. */
const KEPT = process.env['BENCH_STORES']
/** The service has finished what it does after a start, such as building an index, when it used hardly any processor time for so long. */
const QUIET_WINDOWS = 5
const WINDOW_MS = 2_000
const QUIET_SECONDS = 0.2
const PREPARE_TIMEOUT_MS = 3_600_000

export interface History {
  readonly rows: number
  readonly parts: number
  /** Creates a data directory with the history, which takes no more space than the files that differ. */
  copy(): string
  /** Deletes the copies, and the history unless it is kept. Throws when a run has changed a kept one. */
  close(): void
}

/** Opens a history of about this number of events: fills it unless it was kept, and lets the service of this version migrate it and finish its work at a start. */
export async function openHistory(events: number): Promise<History> {
  const root = KEPT ?? mkdtempSync(join(tmpdir(), 'outreach-bench-stores-'))
  mkdirSync(root, { recursive: true })
  const dataDir = join(root, `history-${events}`)
  if (!existsSync(dataDir)) await fill(dataDir, events)
  await prepare(dataDir)
  const { rows, parts } = await runProgram<{ rows: number; parts: number }>('ingestion/count-parts.ts', [
    join(dataDir, 'clickhouse'),
  ])
  const fingerprint = fingerprintOf(dataDir)
  const copies: string[] = []
  return {
    rows,
    parts,
    copy() {
      const copy = mkdtempSync(join(root, 'outreach-bench-'))
      copies.push(copy)
      copyStore(dataDir, copy)
      return copy
    },
    close() {
      for (const path of copies.flatMap((copy) => [copy, `${copy}.log`])) rmSync(path, { recursive: true, force: true })
      if (KEPT === undefined) rmSync(root, { recursive: true, force: true })
      else if (fingerprintOf(dataDir) !== fingerprint)
        throw new Error(`A run has changed ${dataDir}: delete it, so that it is filled again.`)
    },
  }
}

/** The name appears only when the history is complete. */
async function fill(dataDir: string, events: number): Promise<void> {
  const incomplete = `${dataDir}.incomplete`
  rmSync(incomplete, { recursive: true, force: true })
  mkdirSync(incomplete, { recursive: true, mode: 0o700 })
  await fillHistory(join(incomplete, 'clickhouse'), events)
  renameSync(incomplete, dataDir)
}

async function prepare(dataDir: string): Promise<void> {
  const nats = await startNatsServer()
  const service = await startService({ natsUrl: nats.url, dataDir, env: THREADS, readyTimeoutMs: PREPARE_TIMEOUT_MS })
  const deadline = performance.now() + PREPARE_TIMEOUT_MS
  for (let quiet = 0; quiet < QUIET_WINDOWS;) {
    if (performance.now() > deadline) throw new Error('The service does not finish its work after the start.')
    const before = cpuSeconds(service.pid)
    await pause(WINDOW_MS)
    quiet = cpuSeconds(service.pid) - before < QUIET_SECONDS ? quiet + 1 : 0
  }
  await service.stop()
  service.closeLog()
  rmSync(`${dataDir}.log`, { force: true })
  await nats.stop()
}
