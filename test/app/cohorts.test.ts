import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { REQUEST_EXAMPLES } from '../../src/http/docs/openapi/request-examples.ts'
import { openApp, type TestApp } from '../support/app/test-app.ts'
import { chanceOf } from '../support/base/random.ts'
import type { Answer, Cell, Members, Table } from '../support/app/cohort-answers.ts'
import { token } from '../support/http/tokens.ts'
import { historyOf } from '../support/oracle/history.ts'
import { randomCohorts } from '../support/oracle/analysis/random-cohorts.ts'
import { type CohortBody, type SlowCohort, slowCohorts } from '../support/oracle/analysis/slow-cohorts.ts'
import { cohortFeed } from '../support/traffic/cohort-feed.ts'
import { FILTER_VALUES } from '../support/traffic/query-feed.ts'

const TENANT = 'tenant-1'
const NOW = Date.now()
const FEED = cohortFeed(NOW, TENANT)
const HISTORY = historyOf(FEED, TENANT)

const ENGAGEMENT = { kind: 'engagement', event: 'opened', human: false, period: 'day', periods: 7, cohort: 'week' }
const RETENTION = {
  kind: 'retention',
  ...{ start: { event: 'message_sent' }, return: { event: 'message_opened' } },
  ...{ cohort: 'week', periods: 6, counting: 'on', mode: 'firstTime' },
}
const percent = (part: number, whole: number) => (whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100)

describe('cohorts', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp({ TENANT_REQUESTS_PER_SECOND: '0' })
    await app.store(FEED)
  }, 120_000)
  afterAll(() => app?.close(), 30_000)

  async function post<Data>(
    path: string,
    body: object,
    { claims = {}, headers = {} }: { claims?: object; headers?: Record<string, string> } = {},
  ): Promise<Answer<Data>> {
    const authorization = `Bearer ${token(app.secret, { tenantId: TENANT, ...claims })}`
    const response = await app.fetch(`http://localhost/api/v1/analytics${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', authorization, ...headers },
    })
    const text = await response.text()
    const { status, headers: answered } = response
    return { status, text, headers: answered, body: (text ? JSON.parse(text) : {}) as Answer<Data>['body'] }
  }

  /** The table of these cohorts. Empty periods that have not begun may be absent: the answer decides. */
  function expectedTable(slow: readonly SlowCohort[], { cohorts }: Table, { kind, periods }: CohortBody) {
    const completeOf = (period: number) => slow.filter(({ cells }) => cells[period]!.complete)
    return {
      cohorts: slow.map(({ bucket, members, cells }) => {
        const shown = cohorts.find((cohort) => cohort.bucket === bucket)?.cells.map(({ period }) => period) ?? []
        let cumulative = 0
        const all = cells.map(({ period, members: { length: count }, complete }) => ({
          ...{ period, count, rate: percent(count, members.length), complete },
          ...(kind === 'engagement' ? { cumulative: (cumulative += count) } : {}),
        }))
        const isNeeded = ({ period, count, complete }: Cell) => count > 0 || complete || shown.includes(period)
        return { bucket, size: members.length, cells: all.filter(isNeeded) }
      }),
      mean: Array.from({ length: periods }, (_, period) => {
        const used = completeOf(period)
        const sum = (of: (cohort: SlowCohort) => number) => used.reduce((total, cohort) => total + of(cohort), 0)
        const [part, whole] = [sum(({ cells }) => cells[period]!.members.length), sum(({ members }) => members.length)]
        return { period, rate: percent(part, whole), cohortsUsed: used.length }
      }),
    }
  }

  async function mistakesOf(request: CohortBody): Promise<string[]> {
    const label = JSON.stringify(request)
    const { status, text, body } = await post<Table>('/cohorts', request)
    if (status !== 200) return [`${label}: ${status} ${text.slice(0, 400)}`]
    const { cohorts, mean } = body.data
    const slow = slowCohorts(HISTORY, TENANT, request, Date.parse(body.meta.asOf))
    const is = { cohorts: cohorts.map(({ bucket, size, cells }) => ({ bucket, size, cells })), mean }
    const should = expectedTable(slow, body.data, request)
    const mistakes = Bun.deepEquals(is, should)
      ? []
      : [`${label}:\n   ${JSON.stringify(is)}\n   not\n   ${JSON.stringify(should)}`]
    return mistakes
  }

  test('equal an independent calculation, whatever is asked for', async () => {
    const chance = chanceOf(Number(process.env['COHORT_SEED'] ?? 11))
    const mistakes: string[] = []
    for (let count = 0; count < Number(process.env['COHORTS'] ?? 20); count++)
      mistakes.push(...(await mistakesOf(randomCohorts(chance, NOW, FILTER_VALUES))))
    expect(mistakes).toEqual([])
  }, 240_000)

  async function membersOf(body: object, limit: number) {
    const found: Members['members'] = []
    const counts = new Set<number>()
    for (let cursor: string | null | undefined; cursor !== null;) {
      const answer: Answer<Members> = await post('/cohorts/members', { ...body, limit, cursor: cursor ?? null })
      if (answer.status !== 200) throw new Error(`${JSON.stringify(body)}: ${answer.status} ${answer.text}`)
      found.push(...answer.body.data.members)
      counts.add(answer.body.data.count)
      cursor = answer.body.data.cursor
    }
    return { found, counts: [...counts] }
  }

  test.each([
    { ...ENGAGEMENT, timeRange: '30d', timezone: 'Europe/Berlin' },
    { ...ENGAGEMENT, human: true, event: 'clicked', timeRange: '90d', timezone: 'America/New_York', cohort: 'month' },
    { ...RETENTION, timeRange: '90d', timezone: 'Europe/Berlin' },
    { ...RETENTION, return: RETENTION.start, mode: 'recurring', counting: 'onOrAfter', timezone: 'UTC' },
    {
      ...RETENTION,
      return: {
        event: 'message_clicked',
        filter: { dimension: 'actorClass', operator: 'in', values: ['human', 'unknown'] },
      },
      ...{ mode: 'recurring', timezone: 'UTC' },
    },
  ] as unknown as CohortBody[])(
    'open each cohort and cell into exactly its members: %j',
    async (request) => {
      const { body } = await post<Table>('/cohorts', request)
      const slow = slowCohorts(HISTORY, TENANT, request, Date.parse(body.meta.asOf))
      expect(body.data.cohorts.length).toBe(slow.length)
      for (const { bucket, cells, drill } of body.data.cohorts.slice(-2)) {
        const expected = slow.find((cohort) => cohort.bucket === bucket)!
        expect(drill.path).toBe('/cohorts/members')
        const check = async (member: object, ids: readonly string[], hasEvent: boolean) => {
          const limit = Math.max(1, Math.ceil(ids.length / 3))
          const { found, counts } = await membersOf({ ...drill.body, member: { bucket, ...member } }, limit)
          expect([member, found.map(({ id }) => id).toSorted()]).toEqual([member, [...ids].toSorted()])
          expect(counts).toEqual([ids.length])
          expect(found.every(({ eventAt }) => (eventAt !== null) === hasEvent)).toBe(true)
        }
        await check({}, expected.members, false)
        for (const { period } of cells.slice(0, 2)) await check({ period }, expected.cells[period]!.members, true)
        if (request.kind === 'engagement') {
          const all = expected.cells.slice(0, 3).flatMap(({ members }) => members)
          await check({ period: 2, cumulative: true }, all, true)
        }
      }
    },
    120_000,
  )

  test('as of an instant have no member that started later', async () => {
    for (const kind of [ENGAGEMENT, { ...RETENTION, mode: 'recurring' }]) {
      const request = { ...kind, timeRange: '30d', timezone: 'Europe/Berlin' } as unknown as CohortBody
      const { body } = await post<Table>('/cohorts', request)
      const { bucket, drill } = body.data.cohorts.toSorted((a, b) => b.size - a.size)[0]!
      const asOf = Date.parse(bucket) + 3 * 86_400_000
      const all = slowCohorts(HISTORY, TENANT, request, Date.parse(body.meta.asOf))
      const then = slowCohorts(HISTORY, TENANT, { ...request, ...drill.body }, asOf)
      const membersOfBucket = (slow: readonly SlowCohort[]) => slow.find((cohort) => cohort.bucket === bucket)!.members
      const { found } = await membersOf({ ...drill.body, asOf: new Date(asOf).toISOString(), member: { bucket } }, 50)
      expect(found.map(({ id }) => id).toSorted()).toEqual(membersOfBucket(then).toSorted())
      expect(found.length).toBeLessThan(membersOfBucket(all).length)
    }
  })

  test('are refused with the path of each mistake', async () => {
    const mistakes: [object, string[]][] = [
      [{ ...ENGAGEMENT, counting: 'on' }, ['counting']],
      [{ ...RETENTION, human: true, filter: { dimension: 'channel', operator: 'exists' } }, ['human', 'filter']],
      [{ ...ENGAGEMENT, human: undefined }, ['human']],
      [{ ...RETENTION, return: undefined }, ['return']],
      [{ ...ENGAGEMENT, periods: 61 }, ['periods']],
      [{ ...ENGAGEMENT, colour: 1 }, ['colour']],
      [{ ...ENGAGEMENT, filter: { dimension: 'shoe', operator: 'exists' } }, ['filter.dimension']],
      [{ ...RETENTION, start: { event: 'message_exploded' } }, ['start.event']],
      [{ ...RETENTION, start: { event: 'message_sent', colour: 1 } }, ['start.colour']],
      [{ ...RETENTION, return: { event: 'message_sent', filter: { and: [] } } }, ['return.filter.and']],
      [{ ...RETENTION, timezone: 'Mars/Base' }, ['timezone']],
    ]
    for (const [body, paths] of mistakes) {
      const { status, body: answer } = await post<Table>('/cohorts', body)
      const found = answer.error?.details?.map(({ path }) => path)
      expect([body, status, found]).toEqual([body, 400, paths])
    }
    const { body } = await post<Table>('/cohorts', { ...RETENTION, timeRange: '90d' })
    const { bucket, drill } = body.data.cohorts[0]!
    for (const [member, path] of [
      [{ bucket: '2020-01-01T00:00:00Z' }, 'member.bucket'],
      [{ bucket, period: 6 }, 'member.period'],
      [{ bucket, period: 0, cumulative: true }, 'member.cumulative'],
      [{ bucket, colour: 1 }, 'member.colour'],
    ] as const) {
      const { status, body: answer } = await post<Members>('/cohorts/members', { ...drill.body, member })
      expect([status, answer.error?.details?.map((detail) => detail.path)]).toEqual([400, [path]])
    }
    const foreign = await post<Members>('/cohorts/members', { ...drill.body, cursor: 'AAAA' })
    expect([foreign.status, foreign.body.error?.details?.[0]?.path]).toEqual([400, 'cursor'])
  })

  test('need their scopes, and only the rules decide engagement', async () => {
    const scopes = async (path: string, body: object, scope: string) =>
      (await post(path, body, { claims: { scope } })).status
    expect(await scopes('/cohorts', ENGAGEMENT, 'analytics:export')).toBe(403)
    expect(await scopes('/cohorts', ENGAGEMENT, 'analytics:read')).toBe(200)
    const member = { bucket: (await post<Table>('/cohorts', ENGAGEMENT)).body.data.cohorts[0]!.bucket }
    expect(await scopes('/cohorts/members', { ...ENGAGEMENT, member }, 'analytics:read')).toBe(403)
    expect(await scopes('/cohorts/members', { ...ENGAGEMENT, member }, 'analytics:contacts')).toBe(200)
    const rules = async (body: object) => (await post<Table>('/cohorts', body)).body.meta.rulesVersion
    expect([await rules(ENGAGEMENT), await rules(RETENTION)]).toEqual([1, undefined])
    const { body } = await post<Table>('/cohorts', RETENTION, { claims: { tenantId: 'tenant-9' } })
    expect(body.data.cohorts).toEqual([])
  })

  test('are answered with 304 until an event of the tenant arrives', async () => {
    const claims = { tenantId: 'tenant-3' }
    const body = { ...RETENTION, start: { event: 'contact_created' }, return: { event: 'contact_updated' } }
    const first = await post<Table>('/cohorts', body, { claims })
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' }
    expect((await post('/cohorts', body, { claims, headers })).status).toBe(304)
    expect((await post('/cohorts', { ...body, periods: 5 }, { claims, headers })).status).toBe(200)
    const data = { contactId: 'c-new' }
    await app.store([['contact.created', { tenantId: 'tenant-3', timestamp: new Date().toISOString(), data }]])
    const after = await post<Table>('/cohorts', body, { claims, headers })
    expect([after.status, after.body.data.cohorts.map(({ size }) => size)]).toEqual([200, [1]])
  })

  test('of the documentation are answered as it says', async () => {
    const page = await Bun.file(new URL('../../docs/cohorts.md', import.meta.url)).text()
    const bodies = [...page.matchAll(/```json\n(\{\s+"kind"[^`]+)```/g)].map(([, text]) => JSON.parse(text!) as object)
    expect(bodies.length).toBeGreaterThan(1)
    for (const body of [...bodies, REQUEST_EXAMPLES['cohorts']!]) {
      const { status, body: answer } = await post<Table>('member' in body ? '/cohorts/members' : '/cohorts', body)
      expect([body, status, answer.error]).toEqual([body, 200, undefined])
    }
    const { status } = await post<Members>('/cohorts/members', REQUEST_EXAMPLES['cohortMembers']!)
    expect(status).toBe(200)
  })
})
