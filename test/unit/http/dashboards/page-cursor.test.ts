import { expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { ApiFailure } from '../../../../src/base/errors.ts'
import { decodeCursor, encodeCursor } from '../../../../src/http/dashboards/page-cursor.ts'

const NOW = Date.parse('2026-03-20T12:00:00Z')
const QUESTION = {
  tenantId: 'a',
  dashboard: 'campaigns',
  parameters: { timeRange: '7d', timezone: 'UTC', channel: undefined },
}

const position = fc.record({
  order: fc.array(fc.nat(), { maxLength: 3 }),
  idHead: fc.string({ unit: 'binary', maxLength: 200 }).filter((text) => text.isWellFormed()),
  skipped: fc.nat(1_000_000),
})

test('a decoded cursor equals the encoded one, and contains only characters that need no escape in an address', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(position, { minLength: 1, maxLength: 2 }), fc.nat(NOW), async (after, requestedOn) => {
      const text = await encodeCursor(QUESTION, { requestedOn, after })
      expect(text).toMatch(/^[\w-]+$/)
      expect(await decodeCursor(text, QUESTION, NOW)).toEqual({ requestedOn, after })
    }),
    { seed: 5 },
  )
})

test('at its longest it fits into its parameter', async () => {
  const longest = { order: [1e9, 1e4, 1e4], idHead: '\0'.repeat(200), skipped: 1_000_000 }
  expect((await encodeCursor(QUESTION, { requestedOn: NOW, after: [longest, longest] })).length).toBeLessThanOrEqual(
    4_000,
  )
})

test('what is no cursor of the question is refused, and nothing else goes wrong', async () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const written = await encodeCursor(QUESTION, { requestedOn: NOW, after: [{ order: [1], idHead: 'x', skipped: 0 }] })
  const [version, digest, requestedOn, list] = JSON.parse(Buffer.from(written, 'base64url').toString()) as unknown[]
  const wrong = [
    '',
    'é',
    encode({}),
    encode([]),
    encode([2, digest, requestedOn, list]),
    encode([version, 'other', requestedOn, list]),
    encode([version, digest, NOW + 86_400_000, list]),
    encode([version, digest, -1, list]),
    encode([version, digest, 'now', list]),
    encode([version, digest, requestedOn, null]),
    encode([version, digest, requestedOn, [[1], 'x']]),
    encode([version, digest, requestedOn, [[1.5], 'x', 0]]),
    encode([version, digest, requestedOn, [['1'], 'x', 0]]),
    encode([version, digest, requestedOn, [[1], 5, 0]]),
    encode([version, digest, requestedOn, [[1], '\ud83c', 0]]),
    encode([version, digest, requestedOn, [[1], 'x', 1e9]]),
  ]
  for (const text of wrong) {
    const error = await decodeCursor(text, QUESTION, NOW).catch((reason: unknown) => reason)
    expect([text, error instanceof ApiFailure && error.details[0]?.path]).toEqual([text, 'cursor'])
  }
  for (const other of [
    { ...QUESTION, tenantId: 'b' },
    { ...QUESTION, dashboard: 'workflows' },
    { ...QUESTION, parameters: { timeRange: '7d' } },
  ])
    expect(await decodeCursor(written, other, NOW).catch(() => 'refused')).toBe('refused')
  expect(await decodeCursor(written, QUESTION, NOW)).toMatchObject({ requestedOn: NOW })
})
