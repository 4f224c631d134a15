/** Short runs of the fuzz; `npm run fuzz` runs it for as long as one likes. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { commandOf, type FuzzReport, runFuzz } from './run.ts'
import { openWorld, type World } from './context.ts'

const SEEDS = [20_261_125, Math.floor(Math.random() * 1_000_000)]
const LIMITS = { size: 0.4, maxRoundMs: 15_000 }

/** What is wrong, each with how to see it again. */
const wrongIn = ({ violations }: FuzzReport) =>
  violations.map(
    (violation) => `${violation.kind}, seed ${violation.seed}: ${violation.problem}\n${commandOf(violation)}`,
  )

describe('requests made from the document, right, wrong and hostile', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  }, 90_000)
  afterAll(() => world?.close(), 30_000)

  test.each(SEEDS)(
    'get answers that are right, as documented, and show nothing of others or of the inside: seed %d',
    async (seed) => {
      const report = await runFuzz(world, { seed, ...LIMITS })
      expect(wrongIn(report)).toEqual([])
      expect(report.requests).toBeGreaterThan(100)
      for (const status of ['200', '400', '401', '404', '405']) expect(report.byStatus).toHaveProperty(status)
    },
    90_000,
  )
})

describe('a store that fails in words of its own', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld({ hasServer: true })
  }, 90_000)
  afterAll(() => world?.close(), 30_000)

  test.each(SEEDS)(
    'is told of by 500, 503 or 504 alone, and never in those words, nor in the log: seed %d',
    async (seed) => {
      const report = await runFuzz(world, { seed, ...LIMITS })
      expect(wrongIn(report)).toEqual([])
      expect(report.byStatus).toHaveProperty('503')
    },
    90_000,
  )
})
