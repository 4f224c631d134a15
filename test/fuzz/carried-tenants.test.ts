import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { CARRIER_NAMES, carriedTenant } from './carried-tenants.ts'
import { operationsOf } from './operations.ts'
import { repeat } from './run.ts'
import { openWorld, type World } from './context.ts'

const SEED = Math.floor(Math.random() * 1_000_000)

describe(`another tenant's id in a request changes nothing: seed ${SEED}`, () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  }, 90_000)
  afterAll(() => world?.close(), 30_000)

  // Every answer is compared with what follows from the asker's own events, or is a refusal; either way it shows nothing of others.
  test.each(CARRIER_NAMES)(
    'in a %s, on every dashboard',
    async (carrier) => {
      const dashboards = operationsOf(world.document).filter(({ isDashboard }) => isDashboard)
      expect(dashboards).toHaveLength(7)
      for (const dashboard of dashboards)
        await fc.assert(
          fc.asyncProperty(carriedTenant(dashboard, carrier), (request) => repeat(world, request)),
          { seed: SEED, numRuns: 4 },
        )
    },
    90_000,
  )
})
