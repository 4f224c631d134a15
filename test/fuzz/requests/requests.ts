import { fc } from '../../support/base/properties.ts'
import type { Parameter } from '../../support/openapi/document.ts'
import { FLAW_NAMES } from './credentials.ts'
import type { FuzzOperation } from '../operations.ts'
import { type Expected, type FuzzRequest, queryOf } from './request.ts'
import { TENANTS } from '../tenants.ts'
import { hostileText } from './texts.ts'
import { type Pair, validPairs, validValue, wrongValue } from './values.ts'

export const tenantId = fc.constantFrom(...TENANTS.map(({ id }) => id))

/** A request that the document allows: it must get a correct response. */
export function validRequest(operation: FuzzOperation): fc.Arbitrary<FuzzRequest> {
  const { parameters, needsToken } = operation
  return fc
    .record({
      pairs: validPairs(parameters),
      path: pathOf(operation),
      tenant: tenantId,
      spelling: fc.nat(),
      isHead: oneIn(20),
    })
    .map(({ pairs, path, tenant, spelling, isHead }) => ({
      about: operation.path,
      method: isHead && operation.method === 'GET' ? 'HEAD' : operation.method,
      target: path + spelled(pairs, spelling),
      headers: [],
      credential: needsToken ? { tenant } : { tenant, flaw: 'none' },
      expected: operation.isDashboard
        ? { is: 'answer', asked: Object.fromEntries(pairs) }
        : { is: 'harmless', isHttp: true },
    }))
}

/** Fills in path parameters; other methods than GET get a body by its schema elsewhere. */
function pathOf({ path, parameters }: FuzzOperation): fc.Arbitrary<string> {
  const inPath = parameters.filter((parameter) => parameter.in === 'path')
  return fc
    .tuple(...inPath.map((parameter) => validValue(parameter).map((value) => [parameter.name, value] as const)))
    .map((values) =>
      values.reduce((filled, [name, value]) => filled.replace(`{${name}}`, encodeURIComponent(value)), path),
    )
}

/** Encodings of the same parameters: necessary escapes only, more escapes than necessary, plus signs, and empty pairs around them. */
function spelled(pairs: readonly Pair[], spelling: number): string {
  const query = queryOf(pairs)
  const ways = [
    query,
    query.replaceAll('%20', '+'),
    query === '' ? '?' : `?&${query.slice(1)}&&`,
    query.replace(/[?&](\w)/, (text, letter: string) => text.replace(letter, `%${letter.charCodeAt(0).toString(16)}`)),
    query.toLowerCase() === query ? query : query.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
  ]
  return ways[spelling % ways.length] ?? query
}

/** A mistake in the parameters: the parts of the resulting query, and the names that the refusal may contain. */
interface Mistake {
  readonly names: readonly string[]
  readonly change: (parts: readonly string[]) => readonly string[]
}

const encodedPair = (name: string, value: string) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
const isPairOf = (name: string) => (part: string) => part.startsWith(`${name}=`)

/** A request with one to four mistakes in its parameters: the response is 400 and names only wrong parameters. */
export function mistakenRequest(operation: FuzzOperation): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      pairs: validPairs(operation.parameters),
      mistakes: fc.array(mistake(operation.parameters), { minLength: 1, maxLength: 4 }),
      tenant: tenantId,
    })
    .map(({ pairs, mistakes, tenant }) => {
      const parts = mistakes.reduce<readonly string[]>(
        (changed, { change }) => change(changed),
        pairs.map(([name, value]) => encodedPair(name, value)),
      )
      return {
        about: operation.path,
        method: operation.method,
        target: `${operation.path}?${parts.join('&')}`,
        headers: [],
        credential: { tenant },
        expected: { is: 'invalid', names: mistakes.flatMap(({ names }) => names) },
      }
    })
}

function mistake(parameters: readonly Parameter[]): fc.Arbitrary<Mistake> {
  const inQuery = parameters.filter((parameter) => parameter.in === 'query')
  const known = fc.constantFrom(...inQuery)
  const names = new Set(parameters.map(({ name }) => name))
  const replaced = (name: string, part: string): Mistake => ({
    names: [name],
    change: (parts) => [...parts.filter((each) => !isPairOf(name)(each)), part],
  })
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc.oneof(
        ...inQuery.map((one) => wrongValue(one).map((value) => replaced(one.name, encodedPair(one.name, value)))),
      ),
    },
    // Invalid escapes, text that is not UTF-8, a name without a value.
    {
      weight: 2,
      arbitrary: fc
        .tuple(known, fc.constantFrom('=%', '=50%', '=%zz', '=%ff', '=%C0%80', '=%ED%A0%80', '=%u0041', '=a%', ''))
        // An empty cursor means the first page.
        .filter(([{ name }, end]) => name !== 'cursor' || end !== '')
        .map(([{ name }, end]) => replaced(name, name + end)),
    },
    {
      weight: 2,
      arbitrary: fc.oneof(
        ...inQuery.map((one) =>
          validValue(one).map((value) => {
            const pair = encodedPair(one.name, value)
            return { names: [one.name], change: (parts: readonly string[]) => [...parts, pair, pair] }
          }),
        ),
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(unknownName(names), fc.oneof(fc.constantFrom('', '1', ...TENANTS.map(({ id }) => id)), hostileText))
        .map(([name, value]) => ({
          names: [name],
          change: (parts: readonly string[]) => [...parts, encodedPair(name, value)],
        })),
    },
    { weight: 1, arbitrary: rangeMistake(names) },
  )
}

function unknownName(names: ReadonlySet<string>): fc.Arbitrary<string> {
  const near = [...names].flatMap((name) => [
    name.toUpperCase(),
    `${name}[]`,
    `${name} `,
    ` ${name}`,
    `${name}s`,
    `_${name}`,
  ])
  const usual = [
    'tenantId',
    'tenant',
    'tenant_id',
    'TenantId',
    'access_token',
    '__proto__',
    'constructor',
    'toString',
    'a'.repeat(300),
  ]
  return fc.oneof(fc.constantFrom(...near, ...usual), hostileText).filter((name) => !names.has(name))
}

/** Dates that are valid separately but not together. */
function rangeMistake(names: ReadonlySet<string>): fc.Arbitrary<Mistake> {
  const wrong: readonly (readonly Pair[])[] = [
    [['endDate', '2026-01-31']],
    [
      ['startDate', '2026-02-02'],
      ['endDate', '2026-01-31'],
    ],
    [
      ['startDate', '2023-01-01'],
      ['endDate', '2026-01-01'],
    ],
    [['startDate', '2190-01-01']],
    [['startDate', '2020-01-01']],
    ...(names.has('compare') ? COMPARISON_MISTAKES : []),
  ]
  return fc.constantFrom(...wrong).map((pairs) => ({
    names: names.has(pairs[0]![0])
      ? pairs.map(([name]) => name).concat('startDate', 'endDate')
      : pairs.map(([name]) => name),
    change: (parts) => [
      ...parts.filter((part) => !/^(startDate|endDate|compare|align|compareStart|compareEnd|table)\b/.test(part)),
      ...pairs.map(([name, value]) => encodedPair(name, value)),
    ],
  }))
}

/** The first parameter of each is the one to name. */
const COMPARISON_MISTAKES: readonly (readonly Pair[])[] = [
  [['align', 'date']],
  [['compareStart', '2026-01-01']],
  [
    ['compareEnd', '2026-01-31'],
    ['compare', 'year'],
  ],
  [
    ['compareStart', '2026-02-02'],
    ['compareEnd', '2026-01-31'],
    ['compare', 'custom'],
  ],
  [
    ['table', 'comparison'],
    ['compare', 'none'],
  ],
]

/** Whether the query has a part that can be wrong. */
export function takesQuery({ parameters }: FuzzOperation): boolean {
  return parameters.some((parameter) => parameter.in === 'query')
}

/** Any request with an invalid token: the one refusal, whatever else the request contains. */
export function unprovenRequest(operation: FuzzOperation): fc.Arbitrary<FuzzRequest> {
  const expected: Expected = operation.needsToken ? { is: 'unauthorized' } : { is: 'harmless', isHttp: true }
  return fc
    .tuple(
      takesQuery(operation) ? fc.oneof(validRequest(operation), mistakenRequest(operation)) : validRequest(operation),
      fc.constantFrom(...FLAW_NAMES),
    )
    .map(([request, flaw]) => ({ ...request, credential: { ...request.credential, flaw }, expected }))
}

export function oneIn(count: number): fc.Arbitrary<boolean> {
  return fc.nat(count - 1).map((number) => number === count - 1)
}
