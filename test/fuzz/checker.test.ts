import { beforeAll, describe, expect, test } from 'bun:test'
import { servedDocument, withoutReferences } from '../support/openapi/document.ts'
import type { RunningService } from '../support/process/service.ts'
import { problemsOf } from './checker.ts'
import { STORE_CANARY } from './leaks.ts'
import type { FuzzRequest } from './requests/request.ts'
import { TENANTS } from './tenants.ts'
import { METADATA_CANARY, type FuzzContext } from './context.ts'

const [OWN, OTHER] = TENANTS
const ABOUT = '/api/v1/analytics/campaigns'
const request: FuzzRequest = {
  about: ABOUT,
  method: 'GET',
  target: `${ABOUT}?tenantId=${OTHER.id}`,
  headers: [],
  credential: { tenant: OWN.id },
  expected: { is: 'invalid', names: ['tenantId'] },
}
const HEADERS = ['content-type: application/json', 'x-content-type-options: nosniff', 'x-correlation-id: id-1']
const refusal = (message = 'Unknown parameter.', path = 'tenantId') => ({
  success: false,
  error: { code: 'VALIDATION_ERROR', message: 'The request is invalid.', details: [{ path, message }] },
  meta: { correlationId: 'id-1' },
})

/** Each case spoils a correct response in one way, which the checker must report. */
describe('the checker of responses', () => {
  let context: FuzzContext
  beforeAll(async () => {
    const service = { secret: 'the-secret-key', dataDir: '/data-of-the-service' } as RunningService
    const document = withoutReferences(await servedDocument())
    context = { service, document, histories: new Map(), front: undefined, refusal: {}, close: async () => {} }
  })
  const problemsIn = (
    status: number,
    headers: readonly string[],
    body: object | string,
    asked: Partial<FuzzRequest> = {},
  ) =>
    problemsOf({
      answer: {
        status,
        head: [`HTTP/1.1 ${status} X`, ...headers].join('\r\n'),
        body: typeof body === 'string' ? body : JSON.stringify(body),
      },
      request: { ...request, ...asked },
      context,
      askedMs: Date.now(),
    }).join('; ')

  test('reports nothing for a correct response', () => {
    expect(problemsIn(400, HEADERS, refusal())).toBe('')
    const echoed = {
      target: `${ABOUT}?SELECT%20tenant_id=1`,
      expected: { is: 'invalid', names: ['SELECT tenant_id'] },
    } as const
    expect(problemsIn(400, HEADERS, refusal('Unknown.', 'SELECT tenant_id'), echoed)).toBe('')
  })

  test.each<[string, string]>([
    [OTHER.mark, 'shows'],
    [OTHER.id, 'shows'],
    [METADATA_CANARY, 'shows'],
    [STORE_CANARY, 'shows'],
    ['the-secret-key', 'shows'],
    ['/data-of-the-service/x', 'shows'],
    ['eyJhbGciOiJIUzI1NiJ9', 'our inside'],
    ['SELECT 1', 'our inside'],
    ['DB::Exception', 'our inside'],
    ['TypeError: x', 'our inside'],
    ['in app.ts', 'our inside'],
  ])('reports a response that contains %s', (told, sentence) => {
    expect(problemsIn(400, HEADERS, refusal(told))).toContain(sentence)
  })

  test('reports other tenants in a header', () => {
    expect(problemsIn(400, [...HEADERS, `etag: W/"${OTHER.id}/1/campaigns?"`], refusal())).toContain('shows')
    expect(problemsIn(400, [...HEADERS, `etag: W/"${OWN.id}/1/campaigns?${OTHER.mark}"`], refusal())).toBe('')
  })

  test.each<[string, number, readonly string[], object | string, string]>([
    ['a failure of ours', 500, HEADERS, refusal(), 'answers 500'],
    ['a wrong status', 404, HEADERS, refusal(), 'gets 404'],
    ['no correlation id', 400, HEADERS.slice(0, 2), refusal(), 'correlation id'],
    [
      'another correlation id',
      400,
      [...HEADERS.slice(0, 2), 'x-correlation-id: id-2'],
      refusal(),
      'another correlation id',
    ],
    ['no type', 400, HEADERS.slice(1), refusal(), 'of no type'],
    ['a page', 400, ['content-type: text/html', ...HEADERS.slice(1)], '<html>', 'text/html'],
    ['no JSON', 400, HEADERS, '{', 'no JSON'],
    ['a header of the asker', 400, [...HEADERS, 'x-injected: yes'], refusal(), 'wrote into it'],
    ['a type to be guessed', 400, [HEADERS[0]!, HEADERS[2]!], refusal(), 'sniffed'],
    ['another name', 400, HEADERS, refusal('x', 'limit'), 'limit is named'],
    ['no name', 400, HEADERS, { ...refusal(), error: { code: 'VALIDATION_ERROR', message: 'x' } }, ' is named'],
    [
      'a field too many',
      400,
      HEADERS,
      { ...refusal(), meta: { correlationId: 'id-1', stack: 'x' } },
      'not in the document',
    ],
    ['a field of another type', 400, HEADERS, { ...refusal(), meta: { correlationId: 1 } }, 'no string'],
    ['a body with 304', 304, [...HEADERS, 'etag: x'], 'x', 'none belongs'],
    ['304 without a name', 304, HEADERS, '', 'without an ETag'],
  ])('reports %s', (_, status, headers, body, sentence) => {
    expect(problemsIn(status, headers, body)).toContain(sentence)
  })

  test('accepts an empty response of the runtime for invalid HTTP only', () => {
    expect(problemsIn(400, [], '', { expected: { is: 'harmless', isHttp: false } })).toBe('')
    expect(problemsIn(400, [], '', { expected: { is: 'harmless', isHttp: true } })).not.toBe('')
  })
})
