/** One short run per kind of fault, with its control. `test/faults/long` runs the whole matrix. */
import { describe, expect, test } from 'bun:test'
import { SEED } from '../support/base/seed.ts'
import { runScenario } from './run.ts'
import { scenarioOf } from './scenarios.ts'

/** A connection that swallows bytes is given up only after half a minute. */
const TIMEOUT_MS = 480_000
const RATE = 1_000

describe(`every acknowledged event is stored once or becomes a dead letter: seed ${SEED}`, () => {
  test.each([
    ['service-killed', 5],
    ['member-paused', 1],
    ['broker-late', 1],
    ['broker-leader-killed', 1],
    ['store-answers', 8],
  ])(
    '%s',
    async (name, seconds) => {
      const { differences, rows, dead } = await runScenario(scenarioOf(name), { seed: SEED, seconds, rate: RATE })
      expect(differences).toEqual([])
      expect([rows > 1_000, dead > 0]).toEqual([true, true])
    },
    TIMEOUT_MS,
  )
})

describe('control: the same fault is detected in a service without the part that handles it', () => {
  test.each([
    ['service-killed', 5, 'should be'],
    ['member-paused', 1, 'should be'],
    ['broker-late', 1, 'dead letters'],
  ])(
    '%s',
    async (name, seconds, difference) => {
      const options = { seed: SEED, seconds, rate: RATE, isControl: true }
      expect((await runScenario(scenarioOf(name), options)).differences.join()).toContain(difference)
    },
    TIMEOUT_MS,
  )
})
