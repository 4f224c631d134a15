import { describe, expect, test } from 'bun:test'
import { Type } from '@sinclair/typebox'
import { ApiFailure } from '../../../../src/base/errors.ts'
import { readJsonBody } from '../../../../src/http/pipeline/json-body.ts'

const SCHEMA = Type.Object(
  {
    metrics: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 2 }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    direction: Type.Optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')])),
    inner: Type.Optional(
      Type.Array(Type.Object({ value: Type.Union([Type.Number(), Type.Null()]) }, { additionalProperties: false })),
    ),
  },
  { additionalProperties: false },
)

function request(body: BodyInit, headers: Record<string, string> = { 'content-type': 'application/json' }): Request {
  return new Request('http://service/', { method: 'POST', body, headers })
}

async function failureOf(body: BodyInit, headers?: Record<string, string>): Promise<ApiFailure> {
  try {
    await readJsonBody(request(body, headers), SCHEMA)
  } catch (error) {
    if (error instanceof ApiFailure) return error
    throw error
  }
  throw new Error('The body was accepted.')
}

describe('readJsonBody', () => {
  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
    'reads an object of type %s',
    async (type) => {
      const body = '{"metrics":["sent"],"limit":5,"inner":[{"value":null}]}'
      expect(await readJsonBody(request(body, { 'content-type': type }), SCHEMA)).toEqual(JSON.parse(body))
    },
  )

  test.each([
    ['{"metrics":["a"],"colour":1}', 'colour', 'Unknown field. Known fields: metrics, limit, direction, inner.'],
    ['{}', 'metrics', 'Expected a list of 1 to 2 items.'],
    ['{"metrics":[]}', 'metrics', 'Expected a list of 1 to 2 items.'],
    ['{"metrics":[""]}', 'metrics[0]', 'Expected text of at least 1 characters.'],
    ['{"metrics":["a"],"limit":"5"}', 'limit', 'Expected a whole number (1 to 1000).'],
    ['{"metrics":["a"],"limit":1.5}', 'limit', 'Expected a whole number (1 to 1000).'],
    ['{"metrics":["a"],"direction":"up"}', 'direction', 'Expected one of asc, desc.'],
    ['{"metrics":["a"],"inner":[{"value":1},{"value":"x"}]}', 'inner[1].value', 'Expected a number or null.'],
    [
      '{"metrics":["a"],"inner":[{"value":1,"__proto__":{}}]}',
      'inner[0].__proto__',
      'Unknown field. Known fields: value.',
    ],
    ['{"metrics":["\\ud800"]}', 'metrics[0]', 'Expected valid Unicode.'],
    ['{"metrics":', 'body', 'Expected JSON in UTF-8.'],
    ['null', 'body', 'Expected a JSON object.'],
    ['[]', 'body', 'Expected a JSON object.'],
    ['', 'body', 'Expected JSON in UTF-8.'],
  ])('refuses %s', async (body, path, message) => {
    expect(await failureOf(body)).toMatchObject({ code: 'VALIDATION_ERROR', details: [{ path, message }] })
  })

  test('refuses bytes that are not UTF-8', async () => {
    expect(await failureOf(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({ details: [{ path: 'body' }] })
  })

  test('names at most twenty mistakes', async () => {
    const fields = Array.from({ length: 50 }, (_, index) => [`field${index}`, 1])
    const { details } = await failureOf(JSON.stringify({ metrics: ['a'], ...Object.fromEntries(fields) }))
    expect(details).toHaveLength(20)
  })

  test.each([
    {},
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'application/json; charset=utf-16' },
  ])('refuses the headers %p', async (headers) => {
    expect((await failureOf(new Uint8Array([0x7b, 0x7d]), headers)).code).toBe('UNSUPPORTED_MEDIA_TYPE')
  })

  test('refuses more than 64 KiB, with or without a declared length', async () => {
    const atLimit = `{"metrics":["${'x'.repeat(65_536 - 16)}"]}`
    expect(atLimit.length).toBe(65_536)
    expect((await readJsonBody(request(atLimit), SCHEMA)).metrics).toHaveLength(1)
    expect((await failureOf(`${atLimit} `)).code).toBe('PAYLOAD_TOO_LARGE')
    const declared = { 'content-type': 'application/json', 'content-length': '65537' }
    expect((await failureOf('{}', declared)).code).toBe('PAYLOAD_TOO_LARGE')
  })
})
