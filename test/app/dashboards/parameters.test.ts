import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { type OpenApiDocument, type Parameter, withoutReferences } from '../../support/openapi/document.ts'
import { token } from '../../support/http/tokens.ts'

const ROOT = '/api/v1/analytics'
const LONG = 'x'.repeat(4_000)

/** An invalid query, and the one parameter that the response must name. */
const WRONG: readonly (readonly [query: string, named: string])[] = [
  ...[
    '1e1',
    '%207%20',
    '7%20',
    '+7',
    '%2B5',
    '07',
    '0',
    '1001',
    '1.0',
    '-1',
    '0x10',
    '',
    '1,000',
    '%D9%A7',
    '1_0',
    'NaN',
    '9'.repeat(400),
  ].map((value) => [`campaigns?limit=${value}`, 'limit'] as const),
  ['campaigns?limit', 'limit'],
  ['campaigns?limit=5&limit=5', 'limit'],
  ['campaigns?limit=5&campaignId=a&limit=6', 'limit'],
  ['campaigns?timezone=UTC&timezone=UTC', 'timezone'],
  ['campaigns?lim%69t=5&limit=5', 'limit'],
  ['campaigns?limit=%', 'limit'],
  ['campaigns?limit=5%00', 'limit'],
  ['campaigns?campaignId=', 'campaignId'],
  ['campaigns?campaignId', 'campaignId'],
  ['campaigns?timezone=UTC%00', 'timezone'],
  ['campaigns?channel=email%00', 'channel'],
  ['campaigns?startDate=2026-01-31%00', 'startDate'],
  ['campaigns?campaignId=50%', 'campaignId'],
  ['campaigns?campaignId=%zz', 'campaignId'],
  ['campaigns?campaignId=%ff', 'campaignId'],
  ['campaigns?campaignId=%ED%A0%80', 'campaignId'],
  ['campaigns?campaignId=%C0%80', 'campaignId'],
  ['campaigns?Limit=5', 'Limit'],
  ['campaigns?limit%20=5', 'limit '],
  ['campaigns?limit[]=5', 'limit[]'],
  ['campaigns?__proto__=5', '__proto__'],
  ['campaigns?constructor=5', 'constructor'],
  ['campaigns?toString=5', 'toString'],
  ['campaigns?=5', ''],
  [`campaigns?${LONG}=5`, LONG],
  ['campaigns?tenantId=tenant-2', 'tenantId'],
  ['campaigns?channel=', 'channel'],
  ['campaigns?channel=Email', 'channel'],
  ['campaigns?channel=email,sms', 'channel'],
  ['campaigns?channel=email%20', 'channel'],
  ['campaigns?channel=email&channel=sms', 'channel'],
  ['overview?limit=5', 'limit'],
  ['overview?granularity=day', 'granularity'],
  ['overview?timeRange=7D', 'timeRange'],
  ['overview?timeRange=', 'timeRange'],
  ['overview?format=pdf', 'format'],
  ['overview?format=CSV', 'format'],
  ['overview?format=', 'format'],
  ['overview?format=text/csv', 'format'],
  ['overview?format=csv&format=csv', 'format'],
  ['overview?format=csv&table=topCampaigns', 'table'],
  ['overview?table=', 'table'],
  ['messages?granularity=Day', 'granularity'],
  ['traffic?granularity=month', 'granularity'],
  ['templates?minUsage=-1', 'minUsage'],
  ['templates?minUsage=1e3', 'minUsage'],
  ['templates?minUsage=1000000001', 'minUsage'],
  ['templates?minUsage=99999999999', 'minUsage'],
]

const ACCEPTED = [
  'campaigns?limit=1',
  'campaigns?limit=1000',
  'campaigns?',
  'campaigns?&limit=5&',
  'campaigns?campaignId=50%25+off%20today',
  "campaigns?campaignId=';DROP+TABLE+analytics_events;--",
  'campaigns?campaignId=%F0%9F%98%80',
  `campaigns?campaignId=${LONG}`,
  'campaigns?campaignId=%00',
  'campaigns?campaignId=a%00b',
  'campaigns?campaignId=a=b=c',
  'templates?minUsage=0',
  'templates?minUsage=1000000000',
  'overview?format=json',
  'overview?format=csv&table=byChannel',
  'overview?format=xlsx',
  'messages?granularity=week&channel=push&timezone=Asia/Kathmandu&timeRange=90d',
]

describe('a parameter', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp()
  }, 60_000)
  afterAll(() => app?.close(), 30_000)

  const ask = async (query: string) => {
    const authorization = `Bearer ${token(app.secret, { tenantId: 'tenant-1' })}`
    const response = await app.fetch(`${app.baseUrl}${ROOT}/${query}`, { headers: { authorization } })
    // The body of a successful response may be a file or an endless stream.
    if (response.ok) await response.body?.cancel()
    return { status: response.status, body: (response.ok ? {} : await response.json()) as Body }
  }
  interface Body {
    readonly error?: {
      readonly code: string
      readonly details?: readonly { readonly path: string; readonly message: string }[]
    }
  }

  test.each(WRONG)('%s is refused by the parameter name', async (query, named) => {
    const { status, body } = await ask(query)
    expect([status, body.error?.code]).toEqual([400, 'VALIDATION_ERROR'])
    expect(body.error?.details?.map(({ path }) => path)).toEqual([named])
    expect(body.error?.details?.[0]?.message).toMatch(/^[A-Z].*\.$/)
  })

  test.each(ACCEPTED)('%s is accepted', async (query) => {
    expect(await ask(query)).toMatchObject({ status: 200 })
  })

  test('that is invalid is named together with all other invalid ones', async () => {
    const { body } = await ask('campaigns?limit=0&channel=fax&bogus=1&timeRange=8d&campaignId=')
    const named = body.error?.details?.map(({ path }) => path)
    expect(named?.toSorted()).toEqual(['bogus', 'campaignId', 'channel', 'limit', 'timeRange'])
  })

  test('that is repeated or unknown 2,000 times gets a short response', async () => {
    for (const pair of ['a', 'limit=1']) {
      const { status, body } = await ask(`campaigns?${Array.from({ length: 2_000 }, () => pair).join('&')}`)
      expect([pair, status, JSON.stringify(body).length < 5_000]).toEqual([pair, 400, true])
    }
  })

  test('that is invalid is returned in the JSON body and nowhere else', async () => {
    const { status, headers } = await app.get(`${ROOT}/campaigns?%0d%0aSet-Cookie:%20a=b&%3Cscript%3E=1`)
    expect(status).toBe(400)
    expect(headers.get('set-cookie')).toBeNull()
    expect(headers.get('content-type')).toStartWith('application/json')
  })

  test('may be sent with the examples of all others: every GET of the API document gets 200, or 404 where it names something that is not stored', async () => {
    const { text } = await app.get('/docs/json')
    const { paths, servers } = withoutReferences(JSON.parse(text) as OpenApiDocument)
    expect(servers).toEqual([{ url: app.baseUrl }])
    // A WebSocket requires more than a GET request.
    for (const [path, { get }] of Object.entries(paths).filter(([each]) => !each.endsWith('/ws'))) {
      if (!get) continue
      const examples = get.parameters?.map((each) => [each.in, each.name, String(each.example)] as const) ?? []
      const of = (place: string) =>
        Object.fromEntries(examples.filter(([each]) => each === place).map(([, name, value]) => [name, value]))
      const authorization = `Bearer ${token(app.secret, { tenantId: 'tenant-1' })}`
      const ended = new AbortController()
      const named = withExamples(path, get.parameters)
      const { status } = await app.fetch(`${servers[0]!.url}${named}?${new URLSearchParams(of('query')).toString()}`, {
        headers: { authorization, ...of('header') },
        signal: ended.signal,
      })
      expect([path, status]).toEqual([path, named === path ? 200 : 404])
      // The live stream does not end.
      ended.abort()
    }
  })

  test('has the limits that the API document describes', async () => {
    const { text } = await app.get('/docs/json')
    const { paths } = withoutReferences(JSON.parse(text) as OpenApiDocument)
    let tried = 0
    // The WebSocket has the same parameters as the stream.
    for (const [path, { get }] of Object.entries(paths).filter(([each]) => !each.endsWith('/ws')))
      // A ticket counts instead of the token that is sent here.
      for (const { name, schema } of get?.parameters?.filter((each) => each.name !== 'ticket' && each.in === 'query') ??
        [])
        for (const [value, status] of edgesOf(schema)) {
          tried++
          const parameters = { [name]: value, ...companionsOf(name, value) }
          const named = withExamples(path, get?.parameters)
          const query = `${named.slice(ROOT.length + 1)}?${new URLSearchParams(parameters).toString()}`
          // Nothing is stored here.
          const expected = named !== path && status === 200 ? 404 : status
          expect([query, (await ask(query)).status]).toEqual([query, expected])
        }
    expect(tried).toBeGreaterThan(60)
  })
})

/** A path with the examples of its variable parts. */
function withExamples(path: string, parameters: readonly Parameter[] = []): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const { example } = parameters.find((each) => each.in === 'path' && each.name === name)!
    return encodeURIComponent(String(example))
  })
}

/** The parameters that a value needs beside it. */
function companionsOf(name: string, value: string): Record<string, string> {
  if (name === 'align' || value === 'comparison') return { compare: 'previous' }
  return value === 'custom' ? { compareStart: '2026-01-01', compareEnd: '2026-01-07' } : {}
}

/** The extreme valid values and the nearest invalid values of a schema, with the expected status. */
function edgesOf({ minimum, maximum, enum: choices }: Parameter['schema']): [string, number][] {
  const edges: [string, number][] = []
  if (minimum !== undefined) edges.push([String(minimum), 200], [String(minimum - 1), 400])
  if (maximum !== undefined) edges.push([String(maximum), 200], [String(maximum + 1), 400])
  for (const choice of choices ?? []) edges.push([String(choice), 200], [`${String(choice)}x`, 400])
  return edges
}
