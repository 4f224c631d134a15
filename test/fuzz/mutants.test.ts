/** A fuzz that finds nothing proves something only if it finds what is there. */
import { describe, expect, test } from 'bun:test'
import type { Plant } from './mutants.ts'
import { runFuzz } from './run.ts'
import { openWorld } from './context.ts'

const SEED = 20_261_125

describe('a defect that is planted into the service is found', () => {
  test.each<[Plant, RegExp]>([
    ['all-tenants', /shows "mark-of-|totalRuns is \d+, not \d+/],
    ['all-tenants-counted', /messageCount is \d+, not \d+/],
    ['leaked-error', /shows "canary-in-the-words-of-the-store"/],
    ['leaked-refusal', /proves nothing and gets 401/],
    ['other-type', /bounceRate is no number/],
    ['renamed-field', /conversionRate is missing/],
  ])(
    '%s',
    async (plant, problem) => {
      const world = await openWorld({ plant, hasServer: plant === 'leaked-error' })
      try {
        const { violations } = await runFuzz(world, { seed: SEED, maxRoundMs: 30_000, isFirstEnough: true })
        expect(violations.map((violation) => violation.problem).join('\n')).toMatch(problem)
        // Shrunk to what can be read at a glance.
        const minimal = violations.map((violation) => JSON.stringify(violation.minimal).length)
        expect(Math.min(...minimal)).toBeLessThan(700)
      } finally {
        await world.close()
      }
    },
    120_000,
  )
})
