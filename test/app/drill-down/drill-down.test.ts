import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { QUERY_METRIC_NAMES, QUERY_METRICS } from '../../../src/analytics/custom-query/metric-sources.ts'
import { ENGAGEMENT_RATES } from '../../../src/analytics/engagement/engagement-metrics.ts'
import { RATES } from '../../../src/analytics/metrics.ts'
import { IS_FULL } from '../../support/base/depth.ts'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { token } from '../../support/http/tokens.ts'
import type { Published } from '../../support/oracle/history.ts'
import { queryFeed } from '../../support/traffic/query-feed.ts'

const TENANT = 'tenant-1'
const NOW = Date.now()
const ROOT = 'http://localhost/api/v1/analytics'

interface Item {
  readonly id: string
  readonly messageId: string
  readonly occurredAt: string
}
interface Drill {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}
interface Data {
  readonly events?: readonly Item[]
  readonly messages?: readonly Item[]
  readonly cursor: string | null
  readonly newer: number
  readonly rows: readonly { values: Record<string, number | null>; keys: object; drill?: Drill }[]
}

describe('drill-down', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp({ TENANT_REQUESTS_PER_SECOND: '0' })
    await app.store(queryFeed(NOW, TENANT))
  }, 120_000)
  afterAll(() => app?.close(), 30_000)

  const headersOf = (claims: object = {}) => ({
    'content-type': 'application/json',
    authorization: `Bearer ${token(app.secret, { tenantId: TENANT, ...claims })}`,
  })
  async function post(path: string, body: object, claims?: object) {
    const request = { method: 'POST', body: JSON.stringify(body), headers: headersOf(claims) }
    const response = await app.fetch(ROOT + path, request)
    const text = await response.text()
    return { status: response.status, text, headers: response.headers }
  }
  async function dataOf(path: string, body: object): Promise<Data> {
    const { status, text } = await post(path, body)
    if (status !== 200) throw new Error(`${path} ${JSON.stringify(body)}: ${status} ${text}`)
    return (JSON.parse(text) as { data: Data }).data
  }
  const itemsOf = ({ events, messages }: Data) => events ?? messages ?? []

  /** The ids of all items of a search, page by page. */
  async function idsOf({ path, body }: Drill, limit = 1_000): Promise<string[]> {
    const ids: string[] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const data = await dataOf(path, { ...body, limit, cursor: cursor ?? null })
      ids.push(...itemsOf(data).map(({ id, messageId }) => id ?? messageId))
      cursor = data.cursor
    }
    return ids
  }

  /** The name of the count whose items a drill of the metric shows. */
  function countBehind(metric: string): string {
    const rates: Readonly<Record<string, { readonly denominator: string }>> = { ...RATES, ...ENGAGEMENT_RATES }
    const denominator = rates[metric]?.denominator ?? metric
    const counts: Readonly<Record<string, string>> = {
      sent: metric in ENGAGEMENT_RATES ? 'messages' : 'sent',
      confirmed: 'confirmedOpens',
      unknownShare: 'messages',
      medianSecondsToOpen: 'humanOpens',
      medianSecondsToClick: 'humanClicks',
    }
    if (denominator === 'delivered' && metric in ENGAGEMENT_RATES) return 'deliveredMessages'
    return counts[denominator] ?? denominator
  }

  test('shows exactly the events or messages that each metric counts', async () => {
    const mistakes: string[] = []
    let compared = 0
    for (const [index, metric] of QUERY_METRIC_NAMES.entries()) {
      const count = countBehind(metric)
      const { dimensions } = QUERY_METRICS[metric]
      const dimension = dimensions.length > 0 ? [dimensions[index % dimensions.length]!] : []
      const byTime = index % 8 === 0 ? [{ dimensions: [], granularity: 'month' }] : []
      for (const query of [{ dimensions: dimension }, ...byTime]) {
        const metrics = [...new Set([metric, count])]
        const body = { ...query, metrics, timeRange: '90d', timezone: 'Europe/Berlin', limit: IS_FULL ? 2 : 1 }
        for (const { values, keys, drill } of (await dataOf('/query', body)).rows) {
          if (!drill) continue
          const ids = await idsOf(drill)
          compared++
          if (new Set(ids).size !== ids.length || ids.length !== values[count])
            mistakes.push(
              `${metric} ${JSON.stringify(keys)}: ${ids.length} of ${values[count]}, ${JSON.stringify(drill)}`,
            )
        }
      }
    }
    expect(mistakes).toEqual([])
    expect(compared).toBeGreaterThan(IS_FULL ? 80 : 40)
  }, 240_000)

  test.each(['desc', 'asc'] as const)(
    'pages hold each stored event exactly once while others arrive (%s)',
    async (order) => {
      const search = { eventTypes: ['message_opened', 'message_clicked'], timeRange: '90d', order }
      const before = await idsOf({ path: '/events/search', body: search })
      const shown: Item[] = []
      let newer = 0
      let arrived = 0
      for (let cursor: string | null | undefined; cursor !== null;) {
        const data: Data = await dataOf('/events/search', { ...search, limit: 40, cursor: cursor ?? null })
        shown.push(...data.events!)
        ;({ cursor, newer } = data)
        if (arrived >= 12 || cursor === null) continue
        // Around the place of the page, before it and after it.
        const place = Date.parse(data.events!.at(-1)!.occurredAt)
        const late = [-3_600_000, 0, 3_600_000].map((distance): Published => [
          'pipeline.message.opened',
          {
            eventId: `late-${order}-${arrived++}`,
            tenantId: TENANT,
            timestamp: place + distance,
            data: { messageId: 'late', channel: 'email', contactId: 'late' },
          },
        ])
        await app.store(late)
      }
      expect(shown.map(({ id }) => id)).toEqual(before)
      const times = shown.map(({ occurredAt, id }) => `${occurredAt} ${id}`)
      const ascending = times.toSorted()
      expect(times).toEqual(order === 'asc' ? ascending : ascending.toReversed())
      expect(newer).toBe(arrived)
      expect(arrived).toBeGreaterThan(5)
    },
    120_000,
  )

  test('needs its scope, and files the scope of files too', async () => {
    const statuses = async (scope: string) => {
      const paths = ['/events/search', '/messages/search', '/messages/search?format=csv']
      const answers = await Promise.all(paths.map((path) => post(path, { timeRange: '7d' }, { scope })))
      const reads = ['/messages/none', '/contacts/none'].map((path) =>
        app.fetch(ROOT + path, { headers: headersOf({ scope }) }),
      )
      return [...answers.map(({ status }) => status), ...(await Promise.all(reads)).map(({ status }) => status)]
    }
    expect(await statuses('analytics:read analytics:export')).toEqual([403, 403, 403, 403, 403])
    expect(await statuses('analytics:contacts')).toEqual([200, 200, 403, 404, 404])
    expect(await statuses('analytics:contacts analytics:export')).toEqual([200, 200, 200, 404, 404])
  }, 60_000)

  test('sends all messages of a search as a file, with the values of the JSON', async () => {
    const ids = await idsOf({ path: '/messages/search', body: { timeRange: '90d' } })
    const { text, headers } = await post('/messages/search?format=csv', { timeRange: '90d' })
    const lines = text.trimEnd().split('\r\n').slice(1)
    expect(lines.map((line) => line.split(',', 1)[0]!.replace(/^"|"$/g, ''))).toEqual(ids)
    expect(headers.get('x-total-messages')).toBe(String(ids.length))
    const workbook = await post('/messages/search?format=xlsx', { timeRange: '90d' })
    expect(workbook.text.slice(0, 2)).toBe('PK')
  }, 60_000)

  test('refuses a cursor of another search and of another tenant', async () => {
    const { cursor } = await dataOf('/events/search', { timeRange: '90d', limit: 1 })
    for (const [body, claims] of [
      [{ timeRange: '30d', cursor }, {}],
      [{ timeRange: '90d', cursor }, { tenantId: 'tenant-2' }],
      [{ timeRange: '90d', cursor: 'AAAA' }, {}],
    ] as const)
      expect((await post('/events/search', body, claims)).status).toBe(400)
  })

  test('logs no id of a contact or message', async () => {
    await app.fetch(`${ROOT}/contacts/secret-contact`, { headers: headersOf() })
    await app.fetch(`${ROOT}/messages/secret-message`, { headers: headersOf() })
    await post('/events/search', { contactId: 'secret-contact', messageId: 'secret-message' })
    expect(app.log()).not.toContain('secret-')
    expect(app.log()).toContain('/api/v1/analytics/contacts/:contactId')
  })

  test('answers the examples of the documentation', async () => {
    const page = await Bun.file('docs/drill-down.md').text()
    const examples = [...page.matchAll(/```json\n(?:POST \/api\/v1\/analytics(\S+)\n)?([^`]+)```/g)]
    expect(examples.length).toBe(3)
    for (const [, path, text] of examples) {
      const parsed = JSON.parse(text!) as Drill & object
      const search = path === undefined ? parsed : { path, body: parsed }
      expect((await post(search.path, search.body)).status).toBe(200)
    }
  })
})
