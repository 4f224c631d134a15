import { fc } from '../../support/base/properties.ts'
import { FLAW_NAMES } from './credentials.ts'
import type { FuzzOperation } from '../operations.ts'
import type { FuzzRequest } from './request.ts'
import { tenantId, validRequest } from './requests.ts'
import { TENANTS } from '../tenants.ts'

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

/** Inserted before, after or into a path. */
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

/** Paths outside the document: most do not exist, and none may bypass the authentication or access the machine. */
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

/** Methods that the document does not contain. */
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
