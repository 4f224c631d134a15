import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  QUERY_METRIC_NAMES,
  QUERY_METRICS,
  type QueryMetricName,
} from '../../src/analytics/custom-query/metric-sources.ts'
import { type DimensionName, DIMENSION_NAMES } from '../../src/analytics/dimensions.ts'
import { REQUEST_EXAMPLES } from '../../src/http/docs/openapi/request-examples.ts'
import { openApp, type TestApp } from '../support/app/test-app.ts'
import { chanceOf } from '../support/base/random.ts'
import { token } from '../support/http/tokens.ts'
import { historyOf, type Published } from '../support/oracle/history.ts'
import {
  type Query,
  slowQuery,
  type SlowRow,
  type Value,
  type Values,
} from '../support/oracle/analysis/query-answer.ts'
import { randomQuery } from '../support/oracle/analysis/random-query.ts'
import { DAY_MS } from '../support/oracle/zone.ts'
import { FILTER_VALUES, queryFeed } from '../support/traffic/query-feed.ts'

const TENANT = 'tenant-1'
const NOW = Date.now()
const FEED = queryFeed(NOW, TENANT)
const HISTORY = historyOf(FEED, TENANT)
const NAMED = ['campaign', 'workflow', 'sequence', 'template']

interface QueryBody {
  data: { rows: SlowRow[]; totals: Values | null; rowCount: number; cursor: string | null; query: object }
  meta: { asOf: string }
  error?: { code: string; message: string; details?: { path: string; message: string }[] }
}

describe('a query', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp({ TENANT_REQUESTS_PER_SECOND: '0' })
    await app.store(FEED)
  }, 60_000)
  afterAll(() => app?.close(), 30_000)

  async function ask(body: object, tenantId = TENANT, headers: Record<string, string> = {}) {
    const response = await app.fetch('http://localhost/api/v1/analytics/query', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token(app.secret, { tenantId })}`,
        ...headers,
      },
    })
    const text = await response.text()
    return {
      status: response.status,
      text,
      headers: response.headers,
      body: (text ? JSON.parse(text) : {}) as QueryBody,
    }
  }

  /** The rows by their keys, with ids in place of entities. */
  function byKeys(rows: readonly SlowRow[], { dimensions = [], granularity }: Query): Map<string, SlowRow> {
    const order = [...dimensions, ...(granularity ? ['timestamp'] : [])]
    return new Map(rows.map((row) => [JSON.stringify(order.map((name) => idOf(name, row.keys[name]))), row] as const))
  }
  function idOf(name: string, value: unknown): Value {
    return NAMED.includes(name) && typeof value === 'object' && value !== null
      ? (value as { id: string }).id
      : (value as Value)
  }

  async function mistakesOf(query: Query): Promise<string[]> {
    const { status, text, body } = await ask({ ...query, limit: 1_000 })
    const label = JSON.stringify(query)
    if (status !== 200) return [`${label}: ${status} ${text.slice(0, 300)}`]
    const { rows, totals, rowCount } = body.data
    const expected = slowQuery(HISTORY, query, Date.parse(body.meta.asOf))
    const [found, wanted] = [byKeys(rows, query), byKeys(expected.rows, query)]
    const mistakes: string[] = []
    if (rowCount !== wanted.size || (rowCount <= 1_000 && found.size !== rowCount))
      mistakes.push(`${rowCount} rows, ${found.size} of them here, not ${wanted.size}`)
    for (const [key, row] of found)
      for (const part of ['values', 'previous'] as const) {
        const [is, should] = [JSON.stringify(row[part]), JSON.stringify(wanted.get(key)?.[part])]
        if (is !== should) mistakes.push(`${part} of ${key}: ${is}, not ${should}`)
      }
    if (JSON.stringify(totals) !== JSON.stringify(expected.totals))
      mistakes.push(`totals ${JSON.stringify(totals)}, not ${JSON.stringify(expected.totals)}`)
    return mistakes.slice(0, 4).map((each) => `${label}: ${each}`)
  }

  test('that is legal equals an independent calculation', async () => {
    const chance = chanceOf(Number(process.env['QUERY_SEED'] ?? 7))
    const mistakes: string[] = []
    for (let count = 0; count < Number(process.env['QUERIES'] ?? 20); count++)
      mistakes.push(...(await mistakesOf(randomQuery(chance, NOW, FILTER_VALUES))))
    expect(mistakes).toEqual([])
  }, 120_000)

  test('of a metric with a dimension that it cannot have is refused with both names, everything else is answered', async () => {
    const of = (metric: QueryMetricName, dimension: DimensionName) => ({ metrics: [metric], dimensions: [dimension] })
    for (const metric of QUERY_METRIC_NAMES)
      for (const dimension of DIMENSION_NAMES) {
        if (QUERY_METRICS[metric].dimensions.includes(dimension)) continue
        const { status, body } = await ask(of(metric, dimension))
        expect([metric, dimension, status, body.error?.code]).toEqual([metric, dimension, 400, 'VALIDATION_ERROR'])
        expect(body.error?.details).toEqual([
          { path: 'dimensions', message: `The metric ${metric} cannot be divided by ${dimension}.` },
        ])
      }
    const filter = { not: { dimension: 'actorClass', operator: 'in', values: ['human'] } }
    const { status, body } = await ask({ metrics: ['opened', 'sent'], filter })
    expect([status, body.error?.details]).toEqual([
      400,
      [{ path: 'filter', message: 'The metric sent cannot be filtered by actorClass.' }],
    ])
  })

  test.each([
    [{ metrics: ['shoes'] }, 'metrics[0]', 'shoes'],
    [{ metrics: ['sent', 'sent'] }, 'metrics[1]', 'twice'],
    [{ dimensions: ['shoe'] }, 'dimensions[0]', 'shoe'],
    [{ having: [{ metric: 'opened', operator: 'gt', value: 1 }] }, 'having[0].metric', 'opened'],
    [{ orderBy: [{ by: 'timestamp' }] }, 'orderBy[0].by', 'timestamp'],
    [{ filter: { or: [] } }, 'filter.or', 'at least one'],
    [
      { filter: { dimension: 'channel', operator: 'in', values: ['email'], weight: 1 } },
      'filter.weight',
      'Unknown field',
    ],
    [
      { filter: { not: { not: { not: { not: { not: { dimension: 'channel', operator: 'exists' } } } } } } },
      'filter.not.not.not.not',
      '4 levels',
    ],
    [
      { filter: { and: Array.from({ length: 21 }, () => ({ dimension: 'channel', operator: 'exists' })) } },
      'filter',
      '20 conditions',
    ],
    [{ timezone: 'Mars/Base' }, 'timezone', 'IANA'],
    [{ compare: 'custom' }, 'compareStart', 'compareStart'],
    [{ cursor: 'AAAA' }, 'cursor', 'cursor'],
  ])('%j is refused and its place is named', async (wrong, path, word) => {
    const { status, body } = await ask({ metrics: ['sent'], ...wrong })
    expect([status, body.error?.details?.map((detail) => detail.path)]).toEqual([400, [path]])
    expect(body.error?.details?.[0]?.message).toContain(word)
  })

  test('has pages that hold each row once and in order; a cursor is for its query only', async () => {
    const query = { metrics: ['sent', 'messages'], dimensions: ['campaign', 'template'], timeRange: '30d', limit: 40 }
    const { body: whole } = await ask({ ...query, limit: 1_000 })
    const rows: SlowRow[] = []
    const cursors: string[] = []
    for (let cursor: string | null = null; ;) {
      const { body }: { body: QueryBody } = await ask({ ...query, cursor })
      rows.push(...body.data.rows)
      expect(body.data.rowCount).toBe(whole.data.rowCount)
      cursor = body.data.cursor
      if (cursor === null) break
      cursors.push(cursor)
    }
    expect(rows).toEqual(whole.data.rows)
    expect(cursors.length).toBe(Math.ceil(rows.length / 40) - 1)
    const codes = [
      (await ask({ ...query, metrics: ['sent'], cursor: cursors[0] })).status,
      (await ask({ ...query, cursor: cursors[0] }, 'tenant-2')).status,
      (await ask({ ...query, limit: 9, cursor: cursors[0] })).status,
    ]
    expect(codes).toEqual([400, 400, 200])
  })

  test('is answered with 304 until an event of the tenant arrives', async () => {
    const query = { metrics: ['contactsCreated'], timeRange: '7d' }
    const { headers, body } = await ask(query, 'tenant-2')
    const etag = headers.get('etag') ?? ''
    const again = await ask(query, 'tenant-2', { 'if-none-match': etag })
    expect([again.status, again.text]).toEqual([304, ''])
    expect((await ask({ ...query, timeRange: '30d' }, 'tenant-2', { 'if-none-match': etag })).status).toBe(200)
    const data = { contactId: 'c-new' }
    await app.store([['contact.created', { tenantId: 'tenant-2', timestamp: new Date().toISOString(), data }]])
    const after = await ask(query, 'tenant-2', { 'if-none-match': etag })
    const countOf = ({ data: { rows } }: QueryBody) => rows[0]?.values['contactsCreated'] ?? 0
    expect([after.status, countOf(after.body)]).toEqual([200, countOf(body) + 1])
  })

  test('with more than 10,000 groups or 2,000 buckets is refused, never cut off', async () => {
    const sent = (count: number): Published[] =>
      Array.from({ length: count }, (_, index) => [
        'contact.created',
        { tenantId: 'wide', timestamp: NOW - DAY_MS, data: { contactId: `c-${index}`, campaignId: `many-${index}` } },
      ])
    await app.store(sent(10_000))
    const query = { metrics: ['contactsCreated'], dimensions: ['campaign'], limit: 1 }
    expect((await ask(query, 'wide')).body.data.rowCount).toBe(10_000)
    await app.store([
      [
        'contact.created',
        { tenantId: 'wide', timestamp: NOW - DAY_MS, data: { contactId: 'c', campaignId: 'one-more' } },
      ],
    ])
    const refused = await ask(query, 'wide')
    expect([refused.status, refused.body.error?.code]).toEqual([400, 'TOO_MANY_GROUPS'])
    expect(refused.body.error?.message).toContain('Narrow it')
    const narrowed = { ...query, filter: { dimension: 'campaign', operator: 'in', values: ['many-7'] }, totals: true }
    expect((await ask(narrowed, 'wide')).body.data).toMatchObject({ rowCount: 1, totals: { contactsCreated: 1 } })
    const hours = await ask({ metrics: ['sent'], granularity: 'hour', timeRange: '90d' })
    expect([hours.status, hours.body.error?.code]).toEqual([400, 'TOO_MANY_GROUPS'])
  }, 60_000)

  test('of the documentation is answered as it says', async () => {
    const page = await Bun.file(new URL('../../docs/query.md', import.meta.url)).text()
    const bodies = [...page.matchAll(/```json\n(\{\s+"metrics"[^`]+)```/g)].map(
      ([, text]) => JSON.parse(text!) as object,
    )
    expect(bodies.length).toBeGreaterThan(0)
    for (const body of [...bodies, REQUEST_EXAMPLES['query']!]) {
      const { status, body: answer } = await ask(body)
      expect([body, status, answer.error]).toEqual([body, 200, undefined])
    }
  })

  test('needs the scope to read, and its schema lists every metric, dimension and limit', async () => {
    const authorization = `Bearer ${token(app.secret, { tenantId: TENANT, scope: 'analytics:export' })}`
    expect((await ask({ metrics: ['sent'] }, TENANT, { authorization })).status).toBe(403)
    const { status, body } = await app.get('/api/v1/analytics/query/schema', { tenant: TENANT })
    const { data } = body as unknown as {
      data: { metrics: { name: string; dimensions: string[] }[]; dimensions: { name: string }[]; limits: object }
    }
    expect(status).toBe(200)
    expect(data.metrics.map(({ name }) => name)).toEqual(QUERY_METRIC_NAMES)
    expect(data.dimensions.map(({ name }) => name)).toEqual(DIMENSION_NAMES)
    expect(data.metrics.find(({ name }) => name === 'openRate')?.dimensions).not.toContain('actorClass')
    expect(data.limits).toMatchObject({ metrics: 10, rows: 1_000, groups: 10_000, buckets: 2_000 })
  })
})
