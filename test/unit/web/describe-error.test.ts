import { describe, expect, test } from 'bun:test'
import { ApiError } from '../../../src/web/api/api-error.ts'
import { describeError } from '../../../src/web/layout/describe-error.ts'
import { ENGLISH } from '../../../src/web/messages/en.ts'

const { errors } = ENGLISH

function failed(status: number, paths: readonly string[] = []): Promise<ApiError> {
  const details = paths.map((path) => ({ path, message: `Internal words about ${path}.` }))
  const body = {
    success: false,
    error: { code: 'ANY', message: 'Internal words.', details },
    meta: { correlationId: 'id-1' },
  }
  return ApiError.of(Response.json(body, { status, headers: status === 429 ? { 'retry-after': '7' } : {} }))
}

describe('an error in the words of a user', () => {
  test.each([
    [400, errors.invalid, 'startOver', undefined],
    [403, errors.forbidden, 'signIn', undefined],
    [404, errors.invalid, 'startOver', undefined],
    [429, errors.tooMany, 'retry', 7_000],
    [500, errors.unexpected, 'retry', undefined],
    [502, errors.unreachable, 'retry', 5_000],
    [503, errors.unavailable, 'retry', 5_000],
    [504, errors.slow, 'retry', undefined],
  ] as const)('a %d has a title, an action and the id for support', async (status, title, action, retryAfterMs) => {
    const description = describeError(await failed(status), true)
    expect(description).toMatchObject({ title, action, correlationId: 'id-1' })
    expect(description.retryAfterMs).toBe(retryAfterMs)
  })

  test('numbers that are not calculated yet are announced, and asked for again soon', async () => {
    const error = { code: 'ENGAGEMENT_NOT_READY', message: 'Internal words.', details: [] }
    const response = Response.json({ error }, { status: 503, headers: { 'retry-after': '60' } })
    const { title, retryAfterMs } = describeError(await ApiError.of(response), true)
    expect([title, retryAfterMs]).toEqual([errors.notReady, 15_000])
  })

  test('a service that cannot be reached differs from a lost network', () => {
    expect(describeError(ApiError.unreachable(), true).title).toBe(errors.unreachable)
    expect(describeError(ApiError.unreachable(), false).title).toBe(errors.offline)
  })

  test('invalid parameters are named as the page calls them, each once', async () => {
    const error = await failed(400, ['startDate', 'timezone', 'campaignId', 'workflowId', 'constructor'])
    const { startDate, timezone, entity } = errors.fields
    expect(describeError(error, true).sentences).toEqual([startDate, timezone, entity])
  })

  test('the texts of the service and of exceptions are never shown', async () => {
    const all = [await failed(400, ['unknown']), await failed(403), await failed(500), new Error('Internal words.')]
    const shown = all.flatMap((error) => {
      const { title, sentences } = describeError(error, true)
      return [title, ...sentences]
    })
    expect(shown.filter((text) => text.includes('Internal'))).toEqual([])
    expect(shown).toContain(errors.invalidHint)
    expect(shown).toContain(errors.unexpectedHint)
  })
})
