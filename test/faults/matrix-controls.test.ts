/** What the short runs of the matrix guard is taken out: then they have to notice. */
import { describe, expect, test } from 'bun:test'
import { runScenario } from './run.ts'
import { scenarioOf } from './scenarios.ts'

const TIMEOUT_MS = 480_000
const SEED = 20_261_124

describe('control: the same faults are noticed', () => {
  test.each([
    ['service-killed', 5, 'should be'],
    ['service-stopped', 4, 'should be'],
    ['broker-late', 1, 'dead letters'],
  ])(
    '%s',
    async (name, seconds, difference) => {
      const run = await runScenario(scenarioOf(name), { seed: SEED, seconds, rate: 1_000, isControl: true })
      expect(run.differences.join()).toContain(difference)
    },
    TIMEOUT_MS,
  )
})
