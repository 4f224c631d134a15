/** Short runs of what befalls processes that share an environment; `npm run faults` runs them as long as one likes. */
import { describe, expect, test } from 'bun:test'
import { runScenario } from './run.ts'
import { scenarioOf } from './scenarios.ts'

const TIMEOUT_MS = 480_000
const SEED = 20_261_125
const RATE = 1_000

describe('every acknowledged event is stored once or a dead letter, whoever stores it', () => {
  test.each(['member-killed', 'member-paused', 'members-join-and-leave', 'rolling-restart'])(
    '%s',
    async (name) => {
      const run = await runScenario(scenarioOf(name), { seed: SEED, seconds: 1, rate: RATE })
      expect(run.differences).toEqual([])
      expect(run.rows).toBeGreaterThan(1_000)
    },
    TIMEOUT_MS,
  )
})

describe('control: the same faults are noticed', () => {
  test(
    'member-paused, where nobody is closed off',
    async () => {
      const scenario = scenarioOf('member-paused')
      const run = await runScenario(scenario, { seed: SEED, seconds: 1, rate: RATE, isControl: true })
      expect(run.differences.join()).toContain('should be')
    },
    TIMEOUT_MS,
  )
})
