/** The cost of an event per component, and the time to recover from an outage: the figures for sizing machines. The results are recorded in `docs/`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measurePublishing } from './capacity-publishing.ts'
import type { StoreBytes } from './capacity-costs.ts'
import { recordCapacity } from './capacity-record.ts'
import { measureDeployment, type Deployment } from './capacity-deployment.ts'
import { fillHistory } from '../history/fill.ts'
import { THREADS } from '../measure/machine.ts'
import { runProgram } from '../measure/run-program.ts'
import { runOutages } from './outage-run.ts'
import { simulatedLoad } from './simulated-load.ts'

export interface CapacityPlan {
  readonly events: number
  readonly warmUp: number
  readonly tenants: number
  /** Number of events in the long history whose bytes are counted. */
  readonly history: number
  readonly slow: { readonly perSecond: number; readonly seconds: number }
  /** A rate at which three processes get enough processor time; otherwise they lose their cluster membership. */
  readonly sharedPerSecond: number
  readonly outage: { readonly perSecond: number; readonly seconds: readonly [number, number] }
}

export async function benchCapacity(plan: CapacityPlan) {
  const load = simulatedLoad(plan.warmUp + plan.events, plan.tenants)
  const [warmUp, events] = [load.slice(0, plan.warmUp), load.slice(plan.warmUp)]
  const measure = async (name: string, store: Deployment['store'], processes: number, more: Partial<Deployment> = {}) =>
    reported(name, await measureDeployment({ store, processes, warmUp, events, ...more }))

  const publishing = reported('publishing', await measurePublishing(warmUp, events))
  let mixBytes: StoreBytes | undefined
  const embedded = await measure('embedded', 'embedded', 1, {
    onEnded: async (dataDir) => {
      mixBytes = await countBytes(join(dataDir, 'clickhouse'))
    },
  })
  const { perSecond, seconds } = plan.slow
  const slow = await measure('slow', 'embedded', 1, { perSecond, events: events.slice(0, perSecond * seconds) })
  const server = await measure('server', 'server', 1)
  const sharing = await measure('sharing', 'server', 3, { perSecond: plan.sharedPerSecond })
  const historyBytes = reported('history', await fillAndCount(plan.history))
  const outages = reported('outages', await runOutages(load, plan.outage.perSecond, plan.outage.seconds))
  return recordCapacity(plan, {
    publishing,
    embedded,
    slow,
    server,
    sharing,
    mixBytes: mixBytes!,
    historyBytes,
    outages,
  })
}

function reported<Value>(name: string, value: Value): Value {
  process.stderr.write(`  ${name} ${JSON.stringify(value)}\n`)
  return value
}

async function fillAndCount(events: number): Promise<StoreBytes> {
  const directory = mkdtempSync(join(tmpdir(), 'outreach-bench-'))
  try {
    await fillHistory(directory, events)
    return await countBytes(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function countBytes(enginePath: string): Promise<StoreBytes> {
  return runProgram('capacity/store-bytes.ts', [enginePath], THREADS)
}
