import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../support/app/test-app.ts'
import { IS_FULL } from '../support/base/depth.ts'
import { chanceOf } from '../support/base/random.ts'
import { token } from '../support/http/tokens.ts'
import { type Funnel, slowFunnel, slowMembers } from '../support/oracle/analysis/funnel-answer.ts'
import { historyOf } from '../support/oracle/history.ts'
import { randomFunnel, randomMessageChain } from '../support/oracle/analysis/random-funnel.ts'
import { funnelFeed, messageFeed } from '../support/traffic/funnel-feed.ts'
import { FILTER_VALUES } from '../support/traffic/query-feed.ts'

const TENANT = 'tenant-1'
const NOW = Date.now()
const FEED = [...funnelFeed(NOW, TENANT, 5), ...messageFeed(NOW, TENANT, 8, 150)]
const HISTORY = historyOf(FEED, TENANT)

interface Drill {
  path: string
  body: object
}
interface FunnelBody {
  data: Omit<ReturnType<typeof slowFunnel>, 'steps'> & {
    steps: { count: number; droppedOff: number; drill: Drill; droppedOffDrill?: Drill }[]
    excludedDrill: Drill
    openDrill: Drill
  }
  meta: { asOf: string }
  error?: { code: string; details?: { path: string; message: string }[] }
}
interface MembersBody {
  data: { members: { id: string; enteredAt: string; level: number }[]; count: number; cursor: string | null }
}

describe('a funnel', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp({ TENANT_REQUESTS_PER_SECOND: '0' })
    await app.store([...FEED, ...funnelFeed(NOW, 'tenant-2', 6, 100)])
  }, 60_000)
  afterAll(() => app?.close(), 30_000)

  async function ask(path: string, body: object, headers: Record<string, string> = {}, scope?: string) {
    const response = await app.fetch(`http://localhost/api/v1/analytics${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token(app.secret, { tenantId: TENANT, ...(scope ? { scope } : {}) })}`,
        ...headers,
      },
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: JSON.parse(text || '{}') as FunnelBody & MembersBody,
    }
  }

  async function mistakesOf(funnel: Funnel): Promise<string[]> {
    const { status, text, body } = await ask('/funnels', funnel)
    if (status !== 200) return [`${JSON.stringify(funnel)}: ${status} ${text.slice(0, 300)}\n${app.log().slice(-600)}`]
    const wanted = slowFunnel(HISTORY, TENANT, funnel, Date.parse(body.meta.asOf))
    const found = JSON.parse(JSON.stringify(body.data), (name, value: unknown) =>
      /^(?:drill|\w+Drill)$/.test(name) ? undefined : value,
    ) as typeof wanted
    if (found.breakdown) found.breakdown = found.breakdown.map(({ key, steps }) => ({ key, steps }))
    const names = Object.keys(wanted) as (keyof typeof wanted)[]
    const wrong = names.filter((name) => JSON.stringify(found[name]) !== JSON.stringify(wanted[name]))
    return wrong.map(
      (name) =>
        `${JSON.stringify(funnel)}: ${name} ${JSON.stringify(found[name])}, not ${JSON.stringify(wanted[name])}`,
    )
  }

  test('equals an independent calculation', async () => {
    const chance = chanceOf(Number(process.env['FUNNEL_SEED'] ?? 3))
    const mistakes: string[] = []
    for (let count = 0; count < Number(process.env['FUNNELS'] ?? (IS_FULL ? 25 : 15)); count++)
      mistakes.push(...(await mistakesOf(randomFunnel(chance, NOW, FILTER_VALUES))))
    expect(mistakes.slice(0, 5)).toEqual([])
  }, 300_000)

  test('from the sending of messages to clicks equals it too, where their facts answer it', async () => {
    const chance = chanceOf(Number(process.env['FUNNEL_SEED'] ?? 4))
    const mistakes: string[] = []
    for (let count = 0; count < Number(process.env['FUNNELS'] ?? (IS_FULL ? 25 : 15)); count++)
      mistakes.push(...(await mistakesOf(randomMessageChain(chance, NOW, FILTER_VALUES))))
    expect(mistakes.slice(0, 5)).toEqual([])
    const metrics = await (await app.fetch('http://localhost/metrics')).text()
    expect(metrics).toMatch(/query="funnel_levels"/)
  }, 300_000)

  test('leads to as many members as each of its numbers counts, on pages that join', async () => {
    const chance = chanceOf(17)
    for (const make of [randomFunnel, randomFunnel, randomMessageChain]) {
      const funnel = make(chance, NOW, FILTER_VALUES)
      const { body } = await ask('/funnels', funnel)
      const { data } = body
      const numbers: [number, Drill][] = [
        [data.excluded, data.excludedDrill],
        [data.open, data.openDrill],
        ...data.steps.map((step): [number, Drill] => [step.count, step.drill]),
        ...data.steps.slice(1).map((step): [number, Drill] => [step.droppedOff, step.droppedOffDrill!]),
      ]
      const slow = slowMembers(HISTORY, TENANT, funnel, Date.parse(body.meta.asOf))
      for (const [number, { path, body: request }] of numbers) {
        const members: MembersBody['data']['members'] = []
        for (let cursor: string | null = null; ;) {
          const page: MembersBody = (await ask(path, { ...request, limit: 20, cursor })).body
          expect(page.data.count).toBe(number)
          members.push(...page.data.members)
          cursor = page.data.cursor
          if (cursor === null) break
        }
        expect(new Set(members.map(({ id }) => id)).size).toBe(number)
        for (const { id, enteredAt, level } of members) {
          const found = slow.find(({ entity }) => entity === id)!
          expect([Date.parse(enteredAt), level]).toEqual([found.enteredAt, found.chosen.length])
        }
      }
      for (const { key, steps } of data.breakdown ?? [])
        for (const step of [1, steps.length]) {
          const member = { state: 'reached', step, breakdownKey: key }
          const { body: page } = await ask('/funnels/members', { ...data.openDrill.body, member })
          expect([key, page.data.count]).toEqual([key, steps[step - 1]!])
        }
      for (const { timestamp, entered } of data.trend?.filter((bucket) => bucket.entered > 0).slice(0, 3) ?? []) {
        const member = { state: 'reached', step: 1, bucket: timestamp }
        const { body: page } = await ask('/funnels/members', { ...data.openDrill.body, member })
        expect([timestamp, page.data.count]).toEqual([timestamp, entered])
      }
    }
  }, 300_000)

  const BASE = {
    entity: 'message',
    steps: [{ event: 'message_sent' }, { event: 'message_opened' }],
    order: 'ordered',
    window: '7d',
  }
  test.each([
    ['/funnels', { steps: [{ event: 'message_sent' }, { event: 'message_exploded' }] }, 'steps[1].event'],
    ['/funnels', { window: '91d' }, 'window'],
    ['/funnels', { exclusions: [{ event: 'message_bounced', after: 2, before: 1 }] }, 'exclusions[0].before'],
    ['/funnels', { steps: [BASE.steps[0], { event: 'message_opened', filter: { and: [] } }] }, 'steps[1].filter.and'],
    ['/funnels', { breakdown: { dimension: 'shoe', of: 'entry' } }, 'breakdown.dimension'],
    ['/funnels/members', { member: { state: 'droppedOff', step: 1 } }, 'member.step'],
    ['/funnels/members', { member: { state: 'open', breakdownKey: 'x' } }, 'member.breakdownKey'],
    ['/funnels/members', { member: { state: 'open', bucket: '2026-01-01T00:00:00Z' } }, 'member.bucket'],
    ['/funnels/members', { member: { state: 'open' }, asOf: 'yesterday' }, 'asOf'],
    ['/funnels/members', { member: { state: 'open' }, cursor: 'x' }, 'cursor'],
  ])('at %s with %j is refused with the path of the mistake', async (path, change, mistake) => {
    const { status, body } = await ask(path, { ...BASE, ...change })
    expect([status, body.error?.code, body.error?.details?.map((detail) => detail.path)]).toEqual([
      400,
      'VALIDATION_ERROR',
      [mistake],
    ])
  })

  test('needs its scope, and is unchanged while the data is', async () => {
    const members = { ...BASE, member: { state: 'open' } }
    expect((await ask('/funnels/members', members, {}, 'analytics:read')).status).toBe(403)
    const first = await ask('/funnels', BASE, {}, 'analytics:read')
    const etag = first.headers.get('etag')!
    expect((await ask('/funnels', BASE, { 'if-none-match': etag })).status).toBe(304)
    expect((await ask('/funnels', { ...BASE, window: '6d' }, { 'if-none-match': etag })).status).toBe(200)
  })

  test('of every preset can be requested as it is', async () => {
    const response = await app.get('/api/v1/analytics/funnels/presets?sequenceId=sequence-1&steps=2')
    const { presets } = (response.body as { data: { presets: { id: string; request: object }[] } }).data
    expect(presets.map(({ id }) => id)).toEqual([
      'message-lifecycle',
      'campaign-to-click',
      'workflow-run-to-goal',
      'sequence-to-reply',
      'sequence-steps',
      'sequence-step-1-to-reply',
      'sequence-step-2-to-reply',
    ])
    for (const { id, request } of presets) expect([id, (await ask('/funnels', request)).status]).toEqual([id, 200])
  })
})
