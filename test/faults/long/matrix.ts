import { describe, expect, test } from 'bun:test'
import { SEED } from '../../support/base/seed.ts'
import { runScenario } from '../run.ts'
import { SCENARIOS } from '../scenarios.ts'

const SECONDS = 20
const TIMEOUT_MS = 900_000
const SHARES = 2

/** Defines the tests of every second scenario, each with its control: two test files share the matrix, one per worker. */
export function testMatrix(share: 0 | 1): void {
  const scenarios = SCENARIOS.filter((_, index) => index % SHARES === share)
  describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(`%s: seed ${SEED}`, (_, scenario) => {
    test(
      scenario.guarantee,
      async () => {
        expect((await runScenario(scenario, { seed: SEED, seconds: SECONDS })).differences).toEqual([])
      },
      TIMEOUT_MS,
    )

    test(
      `control: ${scenario.control} is detected`,
      async () => {
        const { differences } = await runScenario(scenario, { seed: SEED, seconds: SECONDS, isControl: true })
        expect(differences).not.toEqual([])
      },
      TIMEOUT_MS,
    )
  })
}
