import { drawSeed } from '../base/seed.ts'

/** One run of `bun test`. */
export interface Step {
  readonly name: string
  readonly folders: readonly string[]
  /** Patterns of paths to exclude. */
  readonly ignored?: readonly string[]
  readonly workers: number
  /** After this time the step is ended and counts as failed. */
  readonly maxSeconds: number
  readonly env?: Readonly<Record<string, string>>
}

/** Tests that run for minutes, or guard against what rarely breaks, and are not part of the gate. */
const LONG = ['test/**/long/**']

const UNIT: Step = { name: 'unit', folders: ['./test/unit'], workers: 2, maxSeconds: 300 }
const APP: Step = { name: 'app', folders: ['./test/app'], workers: 2, maxSeconds: 600 }
/** Most tests wait for servers and brokers for nearly all of their time, which leaves room for four workers on two cores. */
const SERVERS: Step = {
  name: 'servers',
  folders: ['integration', 'service', 'browser', 'runtimes', 'repository', 'snapshots', 'fuzz'].map(
    (folder) => `./test/${folder}`,
  ),
  ignored: LONG,
  workers: 4,
  maxSeconds: 1_500,
}
/** Runs alone, because the results depend on the time at which a fault occurs. */
const FAULTS: Step = { name: 'faults', folders: ['./test/faults'], ignored: LONG, workers: 2, maxSeconds: 720 }

const HOUR_S = 3_600
const seed = { TEST_SEED: String(drawSeed(process.env['TEST_SEED'] ?? 'random')) }
/** With all combinations of the tests that try only some in the gate (test/support/base/depth.ts). */
const full = { ...seed, TEST_DEPTH: 'full' }
const RANDOM: readonly Step[] = [
  { ...UNIT, name: 'unit-random', env: seed },
  { ...APP, name: 'app-full', maxSeconds: HOUR_S, env: full },
  {
    name: 'servers-random',
    folders: ['fuzz', 'integration', 'service', 'runtimes', 'browser'].map((folder) => `./test/${folder}`),
    workers: 2,
    maxSeconds: 2 * HOUR_S,
    env: full,
  },
]
const MATRIX: Step = { name: 'fault-matrix', folders: ['./test/faults'], workers: 2, maxSeconds: 2 * HOUR_S, env: full }

/** The steps of each `npm run test:…`, in order; `gate` is `npm test`. */
export const TIERS = {
  unit: [UNIT],
  app: [APP],
  gate: [UNIT, APP, SERVERS, FAULTS],
  long: [...RANDOM, MATRIX],
} satisfies Record<string, readonly Step[]> as Readonly<Record<'unit' | 'app' | 'gate' | 'long', readonly Step[]>>

export function isTier(name: string): name is keyof typeof TIERS {
  return Object.hasOwn(TIERS, name)
}
