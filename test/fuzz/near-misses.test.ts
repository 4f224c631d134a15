import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { fc } from '../support/base/properties.ts'
import { SEED } from '../support/base/seed.ts'
import { operationsOf } from './operations.ts'
import { type FuzzRequest, queryOf } from './requests/request.ts'
import { repeat } from './run.ts'
import { TENANTS } from './tenants.ts'
import { nearMisses } from './requests/texts.ts'
import { openFuzzContext, type FuzzContext } from './context.ts'

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'America/Argentina/Buenos_Aires']
/** The parameters whose values the document lists, and the one whose values it cannot list. */
const CLOSED = ['timeRange', 'granularity', 'channel', 'timezone']

/** The runtime accepts zones in any case; all other values are case-sensitive. */
const isOtherCase = (text: string) => ZONES.some((zone) => zone.toLowerCase() === text.toLowerCase())

describe(`a text that is nearly a valid value is refused: seed ${SEED}`, () => {
  let context: FuzzContext
  beforeAll(async () => {
    context = await openFuzzContext()
  }, 90_000)
  afterAll(() => context?.close(), 30_000)

  test.each(CLOSED)(
    '%s, on every dashboard that takes it',
    async (name) => {
      const takers = operationsOf(context.document).flatMap(({ path, parameters }) =>
        parameters.filter((parameter) => parameter.name === name).map(({ schema }) => ({ path, schema })),
      )
      expect(takers.length).toBeGreaterThan(1)
      for (const { path, schema } of takers) {
        const values = schema.enum?.map(String) ?? ZONES
        const request = nearMisses(values)
          .filter((text) => schema.enum !== undefined || !isOtherCase(text))
          .map((text): FuzzRequest => ({
            about: path,
            method: 'GET',
            target: path + queryOf([[name, text]]),
            headers: [],
            credential: { tenant: TENANTS[0].id },
            expected: { is: 'invalid', names: [name] },
          }))
        await fc.assert(
          fc.asyncProperty(request, (made) => repeat(context, made)),
          { numRuns: 60 },
        )
      }
    },
    90_000,
  )
})
