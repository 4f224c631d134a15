import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { fc } from '../support/base/properties.ts'
import { SEED } from '../support/base/seed.ts'
import { CARRIER_NAMES, carriedTenant } from './requests/carried-tenants.ts'
import { operationsOf } from './operations.ts'
import { repeat } from './run.ts'
import { openFuzzContext, type FuzzContext } from './context.ts'

describe(`another tenant's id in a request changes nothing: seed ${SEED}`, () => {
  let context: FuzzContext
  beforeAll(async () => {
    context = await openFuzzContext()
  }, 90_000)
  afterAll(() => context?.close(), 30_000)

  // Every answer is compared with what follows from the asker's own events, or is a refusal; either way it shows nothing of others.
  test.each(CARRIER_NAMES)(
    'in a %s, on every dashboard',
    async (carrier) => {
      const dashboards = operationsOf(context.document).filter(({ isDashboard }) => isDashboard)
      expect(dashboards).toHaveLength(7)
      for (const dashboard of dashboards)
        await fc.assert(
          fc.asyncProperty(carriedTenant(dashboard, carrier), (request) => repeat(context, request)),
          { numRuns: 4 },
        )
    },
    90_000,
  )
})
