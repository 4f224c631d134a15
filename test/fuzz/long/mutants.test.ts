/** The absence of violations is meaningful only if the fuzz finds known defects. */
import { describe, expect, test } from 'bun:test'
import type { Mutant } from '../mutants.ts'
import { SEED } from '../../support/base/seed.ts'
import { runFuzz } from '../run.ts'
import { openFuzzContext } from '../context.ts'

/** The checks of tenants, of texts of the store, of credentials and of types. */
const MUTANTS: [Mutant, RegExp][] = [
  ['all-tenants-counted', /messageCount is \d+, not \d+/],
  ['leaked-error', /shows "canary-in-the-words-of-the-store"/],
  ['leaked-refusal', /proves nothing and gets 401/],
  ['other-type', /bounceRate is no number/],
  ['all-tenants', /shows "mark-of-|totalRuns is \d+, not \d+/],
  ['renamed-field', /conversionRate is missing/],
]

describe('the fuzz finds a defect in the service', () => {
  test.each(MUTANTS)(
    '%s',
    async (mutant, problem) => {
      const context = await openFuzzContext({ mutant, hasServer: mutant === 'leaked-error' })
      try {
        const { violations } = await runFuzz(context, { seed: SEED, maxRoundMs: 30_000, isFirstEnough: true })
        expect(violations.map((violation) => violation.problem).join('\n')).toMatch(problem)
        // The request must be shrunk to a readable size.
        const minimal = violations.map((violation) => JSON.stringify(violation.minimal).length)
        expect(Math.min(...minimal)).toBeLessThan(700)
      } finally {
        await context.close()
      }
    },
    120_000,
  )
})
