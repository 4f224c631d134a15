import * as fc from 'fast-check'
import { FLAW_NAMES } from './credentials.ts'
import type { FuzzOperation } from './operations.ts'
import type { FuzzRequest } from './request.ts'
import { oneIn, tenantId, validRequest } from './requests.ts'
import { TENANTS } from './tenants.ts'
import { hostileText } from './texts.ts'

const METHODS = [
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'get',
  'GETS',
  'X',
  '*',
  'QUERY',
  'G\0ET',
]

/** Put before, behind or inside a path. */
const PIECES = [
  ...[
    '/',
    '//',
    '/./',
    '/../',
    '/..%2f',
    '%2e%2e/',
    '%2f',
    '%5c',
    '\\',
    '%00',
    '%0d%0aX-Injected:%20yes',
    '%',
    '%zz',
    '%ff',
    ';a=b',
  ],
  ...[
    '?',
    '??',
    '#',
    '#/health/live',
    '.',
    ' ',
    '*',
    '@',
    ':',
    '~',
    '.json',
    '.php',
    '%252e%252e%252f',
    '\u00fc',
    '%c0%ae',
    '/etc/passwd',
  ],
  ...[
    'health/live',
    'docs/json',
    'docs/assets/',
    'metrics',
    '.env',
    'package.json',
    'src/main.ts',
    ...TENANTS.map(({ id }) => id),
  ],
]
const STARTS = [
  '',
  '/',
  '//',
  'http://service',
  'http://other:99999',
  '//evil.example',
  '/docs/assets/..',
  '/health/live/..',
  'x',
]

/** Paths beside those of the document: most lead nowhere, none may lead around the token or into the machine. */
export function oddPath({ path, method }: FuzzOperation): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      start: fc.constantFrom(...STARTS),
      isWhole: fc.boolean(),
      cut: fc.nat(path.length),
      pieces: fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 4 }),
      tenant: tenantId,
      flaw: fc.oneof(fc.constant(undefined), fc.constantFrom(...FLAW_NAMES)),
    })
    .map(({ start, isWhole, cut, pieces, tenant, flaw }) => {
      const middle = isWhole ? path + pieces.join('') : path.slice(0, cut) + pieces.join('') + path.slice(cut)
      const target = start + middle
      return {
        about: 'odd path',
        method,
        target,
        headers: [],
        credential: flaw === undefined ? { tenant } : { tenant, flaw },
        expected: { is: 'harmless', isHttp: /^\/[!-~]*$/.test(target) },
      }
    })
}

/** Methods that the document does not have. */
export function oddMethod(operation: FuzzOperation, all: readonly FuzzOperation[]): fc.Arbitrary<FuzzRequest> {
  const own = new Set(all.filter(({ path }) => path === operation.path).map(({ method }) => method))
  return fc
    .tuple(validRequest(operation), fc.constantFrom(...METHODS.filter((method) => !own.has(method))))
    .map(([request, method]) => {
      const isPlain = /^(POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method)
      const isRefused = isPlain && request.credential.flaw === undefined
      return {
        ...request,
        method,
        about: 'odd method',
        expected: isRefused ? { is: 'refused', statuses: [405] } : { is: 'harmless', isHttp: isPlain },
      }
    })
}

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
/** Lines that are no header, or say of the body what is not so: for the runtime to refuse. */
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

/** A valid request with strange headers: what is right stays right, and nothing of them comes back. */
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
      const isPlain = isHttp && !headers.some((line) => /^If-None-Match:/.test(line))
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

/** Bodies where none is asked for: refused or passed over, never a failure. */
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
        // A body that is said to be too large is refused before it comes.
        ...(isHuge ? {} : { body: isChunked && body !== '' ? chunked : body }),
        expected: isRefused ? { is: 'refused', statuses: [413] } : { is: 'harmless', isHttp: !isHuge && !isChunked },
      }
    })
}
