import { chanceOf } from '../support/base/random.ts'
import type { LoadReport } from './load/load.ts'
import { findDifferences, type Findings } from './oracle.ts'
import type { Scenario } from './scenario.ts'
import { truthOf } from './load/truth.ts'
import { FaultContext } from './context.ts'

const SAMPLE_MS = 10_000

export interface RunOptions {
  readonly seed: number
  readonly seconds: number
  /** Events a second, instead of the scenario's own. */
  readonly rate?: number
  /** Takes out what the scenario guards: then it has to notice. */
  readonly isControl?: boolean
  readonly log?: (line: string) => void
}

export interface Run extends Findings {
  readonly scenario: string
  readonly store: string
  readonly seed: number
  readonly mutant: string | undefined
  readonly seconds: number
  readonly load: LoadReport
  /** How often each fault struck. */
  readonly faults: Readonly<Record<string, number>>
  /** Every ten seconds: since the start in seconds, resident memory in MiB, open descriptors, messages behind. */
  readonly samples: readonly (readonly [seconds: number, residentMiB: number, descriptors: number, lag: number])[]
  readonly isExact: boolean
}

/** What a scenario asks of its context. */
function scenarioParts({ env, runtime, services, isCluster, brokerDiskMb, serviceDiskMb }: Scenario) {
  return {
    ...(services ? { serviceCount: services } : {}),
    ...(isCluster ? { isCluster } : {}),
    ...(env ? { env } : {}),
    ...(runtime ? { runtime } : {}),
    ...(brokerDiskMb ? { brokerDiskMb } : {}),
    ...(serviceDiskMb ? { serviceDiskMb } : {}),
  }
}

/** Runs a scenario on parts of its own and judges it. */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<Run> {
  const { seed, seconds, rate = scenario.rate, isControl = false, log = () => {} } = options
  const startedAt = performance.now()
  const elapsed = () => Math.round((performance.now() - startedAt) / 1_000)
  const context = await FaultContext.make({
    store: scenario.store,
    chance: chanceOf(seed),
    ...(isControl ? { mutant: scenario.control } : {}),
    ...scenarioParts(scenario),
    log: (what) => log(`${elapsed()} s  ${what}`),
  })
  const samples: [number, number, number, number][] = []
  const sampler = setInterval(() => {
    const usage = context.service.usage()
    if (!usage) return
    const sample: [number, number, number, number] = [elapsed(), usage.residentMiB, usage.descriptors, Number.NaN]
    samples.push(sample)
    void context.service
      .metrics()
      .then((metrics) => (sample[3] = metrics.get('analytics_consumer_lag_messages') ?? Number.NaN))
  }, SAMPLE_MS)
  try {
    await context.ready()
    context.load.start(rate)
    await scenario.run(context, seconds)
    await context.recover()
    const load = await context.load.stop()
    log(`${elapsed()} s  ${load.lastNumber} events published; draining`)
    await context.drain()
    const findings = await findDifferences(context, truthOf(load.lastNumber))
    return {
      scenario: scenario.name,
      store: scenario.store,
      seed,
      mutant: isControl ? scenario.control : undefined,
      seconds: elapsed(),
      load,
      faults: Object.fromEntries(context.done),
      ...findings,
      samples,
      isExact: findings.differences.length === 0,
    }
  } finally {
    clearInterval(sampler)
    await context.end()
  }
}
