/** Short runs of the fuzz; `npm run fuzz` runs it for any time. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { IS_FULL } from '../support/base/depth.ts'
import { fc } from '../support/base/properties.ts'
import { SEED } from '../support/base/seed.ts'
import { operationsOf } from './operations.ts'
import { CARRIER_NAMES, carriedTenant } from './requests/carried-tenants.ts'
import { describeViolations, repeat, runFuzz } from './run.ts'
import { openFuzzContext, type FuzzContext } from './context.ts'

const LIMITS = { size: 0.2, maxRoundMs: 15_000 }

describe('valid, invalid and hostile requests made from the API document', () => {
  let context: FuzzContext
  beforeAll(async () => {
    context = await openFuzzContext()
  }, 90_000)
  afterAll(() => context?.close(), 30_000)

  // Each response is a refusal or is compared with the events of the requesting tenant; in both cases it must not show data of other tenants.
  test.each(CARRIER_NAMES)(
    "another tenant's id in a %s changes nothing, on every dashboard",
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

  test(`get correct responses, as documented, without data of other tenants or internals: seed ${SEED}`, async () => {
    const report = await runFuzz(context, { seed: SEED, ...LIMITS })
    expect(describeViolations(report)).toEqual([])
    expect(report.requests).toBeGreaterThan(100)
    for (const status of ['200', '400', '401', '404', '405']) expect(report.byStatus).toHaveProperty(status)
  }, 90_000)
})

describe('a store that fails with messages of its own', () => {
  let context: FuzzContext
  beforeAll(async () => {
    context = await openFuzzContext({ hasServer: true })
  }, 90_000)
  afterAll(() => context?.close(), 30_000)

  test(`is reported by 500, 503 or 504 alone, without its messages, which the log does not contain either: seed ${SEED}`, async () => {
    const report = await runFuzz(context, { seed: SEED, ...LIMITS })
    expect(describeViolations(report)).toEqual([])
    expect(report.byStatus).toHaveProperty('503')
  }, 90_000)
})
