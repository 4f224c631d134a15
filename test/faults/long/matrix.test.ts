/** The whole fault matrix, each scenario with its control: part of `npm run test:long`. */
import { describe, expect, test } from 'bun:test'
import { SEED } from '../../support/base/seed.ts'
import { runScenario } from '../run.ts'
import { SCENARIOS } from '../scenarios.ts'

const SECONDS = 20
const TIMEOUT_MS = 900_000

describe.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(`%s: seed ${SEED}`, (_, scenario) => {
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
