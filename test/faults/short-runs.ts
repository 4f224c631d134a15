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
  /** Runs the control too; the text is part of the difference that it has to detect. */
  readonly controlDifference?: string
}

/** Defines a test per run, and one per control. Two test files share the runs, so that two workers have equally long work. */
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

  const controls = runs.flatMap(({ name, seconds, controlDifference }) =>
    controlDifference === undefined ? [] : [[name, seconds, controlDifference] as const],
  )
  if (controls.length === 0) return
  describe('control: the same fault is detected in a service without the part that handles it', () => {
    test.each(controls)(
      '%s',
      async (name, seconds, difference) => {
        const options = { seed: SEED, seconds, rate: RATE, isControl: true }
        expect((await runScenario(scenarioOf(name), options)).differences.join()).toContain(difference)
      },
      TIMEOUT_MS,
    )
  })
}
