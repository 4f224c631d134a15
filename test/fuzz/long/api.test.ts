/** Long runs of the fuzz: part of `npm run test:long`. */
import { describe, expect, test } from 'bun:test'
import { SEED } from '../../support/base/seed.ts'
import { openFuzzContext } from '../context.ts'
import { describeViolations, runFuzz } from '../run.ts'

const SECONDS = 300
const TIMEOUT_MS = 900_000

describe(`requests of the long fuzz: seed ${SEED}`, () => {
  test.each([
    ['the embedded engine', false],
    ['a ClickHouse server that fails', true],
  ])(
    'get correct responses, over %s',
    async (_, hasServer) => {
      const context = await openFuzzContext({ hasServer })
      try {
        expect(describeViolations(await runFuzz(context, { seed: SEED, seconds: SECONDS }))).toEqual([])
      } finally {
        await context.close()
      }
    },
    TIMEOUT_MS,
  )
})
