import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { fc } from '../support/base/properties.ts'
import { IS_FULL } from '../support/base/depth.ts'
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

  // Each response is a refusal or is compared with the events of the requesting tenant; in both cases it must not show data of other tenants.
  test.each(CARRIER_NAMES)(
    'in a %s, on every dashboard',
    async (carrier) => {
      const dashboards = operationsOf(context.document).filter(({ isDashboard }) => isDashboard)
      expect(dashboards).toHaveLength(7)
      for (const dashboard of dashboards)
        await fc.assert(
          fc.asyncProperty(carriedTenant(dashboard, carrier), (request) => repeat(context, request)),
          { numRuns: IS_FULL ? 4 : 1 },
        )
    },
    90_000,
  )
})
