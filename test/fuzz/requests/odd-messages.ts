import { fc } from '../../support/base/properties.ts'
import type { FuzzOperation } from '../operations.ts'
import type { FuzzRequest } from './request.ts'
import { oneIn, validRequest } from './requests.ts'
import { hostileText } from './texts.ts'

const NAMES = [
  ...[
    'Accept',
    'Accept-Encoding',
    'Accept-Language',
    'Content-Type',
    'Cookie',
    'Forwarded',
    'From',
    'If-Match',
    'If-Modified-Since',
  ],
  ...[
    'If-None-Match',
    'If-Range',
    'Origin',
    'Prefer',
    'Range',
    'Referer',
    'TE',
    'Traceparent',
    'Upgrade',
    'User-Agent',
    'Via',
  ],
  ...[
    'X-Correlation-Id',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-HTTP-Method-Override',
    'X-Original-URL',
  ],
  ...['X-Rewrite-URL', 'X-Tenant-Id', 'X-Request-Id', 'Content-Encoding', '__proto__', 'x'.repeat(200)],
]
const VALUES = [
  ...[
    '',
    '*',
    '*/*',
    'identity;q=0',
    'bytes=0-1',
    'bytes=-',
    'W/',
    '""',
    '"',
    'text/html',
    'application/json',
    'websocket',
    'h2c',
  ],
  ...[
    'multipart/form-data',
    'gzip, deflate, br, zstd',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    '127.0.0.1',
    '/metrics',
    'DELETE',
    'ünïcödé',
  ],
  ...[
    'a=b; tenantId=x',
    'session=s%3A1.x',
    ',,,',
    'x'.repeat(4_000),
    'x'.repeat(40_000),
    '${jndi:ldap://x}',
    '\x7f',
    '\t',
  ],
]
/** Lines that are not valid headers, or contradict the body: the runtime refuses them. */
const BROKEN = [
  'NoColon',
  ': empty',
  'Spaced : x',
  'X-Bad: a\0b',
  'X-Bare: a\rX-Injected: yes',
  ' folded',
  'Content-Length: x',
  'Transfer-Encoding: x',
  'Host:',
  'Host: a b"<>',
]

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/

/** A valid request with unusual headers: the response stays correct and contains nothing of them. */
export function oddHeaders(operation: FuzzOperation): fc.Arbitrary<FuzzRequest> {
  const plain = fc.tuple(
    fc.constantFrom(...NAMES),
    fc.oneof(
      fc.constantFrom(...VALUES),
      hostileText.filter((text) => !/[\r\n]/.test(text)),
    ),
  )
  return fc
    .record({
      request: validRequest(operation),
      lines: fc.array(
        plain.map(([name, value]) => `${name}: ${value}`),
        { minLength: 1, maxLength: 4 },
      ),
      broken: fc.option(fc.constantFrom(...BROKEN), { nil: undefined, freq: 3 }),
    })
    .map(({ request, lines, broken }) => {
      const headers = broken === undefined ? lines : [...lines, broken]
      const isHttp = broken === undefined && headers.every((line) => line.length < 8_000 && !CONTROL.test(line))
      const isPlain = isHttp && !headers.some((line) => line.startsWith('If-None-Match:'))
      return { ...request, headers, expected: isPlain ? request.expected : { is: 'harmless', isHttp } }
    })
}

const TYPES = [
  'application/json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'x',
  '',
]
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
const BODIES = [
  '{',
  '{}',
  '[]',
  'null',
  '"',
  '{"a":1}',
  '{"tenantId":"x","__proto__":{"a":1}}',
  'a=b&a=c',
  '--x\r\n',
  '\0',
  deep(10_000),
  'x'.repeat(100_000),
]

/** Bodies for operations without one: refused or ignored, never an internal error. */
export function oddBody(operation: FuzzOperation): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      request: validRequest(operation),
      method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
      type: fc.constantFrom(...TYPES),
      body: fc.oneof(fc.constantFrom(...BODIES), fc.json(), hostileText),
      isChunked: oneIn(8),
      isHuge: oneIn(12),
    })
    .map(({ request, method, type, body, isChunked, isHuge }) => {
      const headers = [
        `Content-Type: ${type}`,
        ...(isHuge ? ['Content-Length: 1048577'] : isChunked ? ['Transfer-Encoding: chunked'] : []),
      ]
      const chunked = `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`
      const isRefused = isHuge && request.credential.flaw === undefined && method !== 'GET'
      return {
        ...request,
        method,
        headers,
        // A body whose declared length is too large is refused before it arrives.
        ...(isHuge ? {} : { body: isChunked && body !== '' ? chunked : body }),
        expected: isRefused ? { is: 'refused', statuses: [413] } : { is: 'harmless', isHttp: !isHuge && !isChunked },
      }
    })
}
