/** Short runs of the most telling rows of the matrix; `npm run faults` runs all of them, as long as one likes. */
import { describe, expect, test } from 'bun:test'
import { runScenario } from './run.ts'
import { scenarioOf } from './scenarios.ts'

/** A connection that swallows bytes is given up only after half a minute. */
const TIMEOUT_MS = 480_000
const SEED = 20_261_124

describe('every acknowledged event is stored once or a dead letter', () => {
  test.each([
    ['service-killed', 5],
    ['service-stopped', 4],
    ['broker-killed', 5],
    ['broker-wire', 5],
    ['broker-leader-killed', 1],
    ['consumer-deleted', 4],
    ['store-answers', 8],
    ['redelivery-storm', 5],
  ])(
    '%s',
    async (name, seconds) => {
      const run = await runScenario(scenarioOf(name), { seed: SEED, seconds, rate: 1_000 })
      expect(run.differences).toEqual([])
      expect(run.rows).toBeGreaterThan(1_000)
      expect(run.dead).toBeGreaterThan(0)
    },
    TIMEOUT_MS,
  )

  test(
    'all faults at random',
    async () => {
      const seed = Math.floor(Math.random() * 1_000_000)
      console.log(`seed of the random faults: ${seed}`)
      const run = await runScenario(scenarioOf('random-server'), { seed, seconds: 12, rate: 1_000 })
      expect(run.differences).toEqual([])
    },
    TIMEOUT_MS,
  )
})
