import { describe, expect, test } from 'bun:test'
import { SEED } from '../support/base/seed.ts'
import { runScenario } from './run.ts'
import { scenarioOf } from './scenarios.ts'

/** A connection that swallows bytes is given up only after half a minute. */
const TIMEOUT_MS = 480_000
const RATE = 1_000

/** A short run of a scenario, which is part of `npm test`. */
export interface ShortRun {
  readonly name: string
  /** The duration of the faults. */
  readonly seconds: number
}

/** Defines a test per run. Two test files share the runs, so that two workers have equally long work. */
export function testShortRuns(runs: readonly ShortRun[]): void {
  describe(`every acknowledged event is stored once or becomes a dead letter: seed ${SEED}`, () => {
    test.each(runs.map((run) => [run.name, run] as const))(
      '%s',
      async (name, { seconds }) => {
        const { differences, rows, dead } = await runScenario(scenarioOf(name), { seed: SEED, seconds, rate: RATE })
        expect(differences).toEqual([])
        expect([rows > 1_000, dead > 0]).toEqual([true, true])
      },
      TIMEOUT_MS,
    )
  })
}
