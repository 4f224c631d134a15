import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../support/app/test-app.ts'
import { chanceOf } from '../support/base/random.ts'
import { token } from '../support/http/tokens.ts'
import { type Funnel, slowFunnel, slowMembers } from '../support/oracle/funnel-answer.ts'
import { historyOf } from '../support/oracle/history.ts'
import { randomFunnel } from '../support/oracle/random-funnel.ts'
import { funnelFeed } from '../support/traffic/funnel-feed.ts'
import { FILTER_VALUES } from '../support/traffic/query-feed.ts'

const TENANT = 'tenant-1'
const NOW = Date.now()
const FEED = funnelFeed(NOW, TENANT, 5)
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

  async function ask<Body = FunnelBody>(
    path: string,
    body: object,
    headers: Record<string, string> = {},
    scope?: string,
  ) {
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
    return { status: response.status, headers: response.headers, text, body: (text ? JSON.parse(text) : {}) as Body }
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
    for (let count = 0; count < Number(process.env['FUNNELS'] ?? 25); count++)
      mistakes.push(...(await mistakesOf(randomFunnel(chance, NOW, FILTER_VALUES))))
    expect(mistakes.slice(0, 5)).toEqual([])
  }, 300_000)

  test('leads to as many members as each of its numbers counts, on pages that join', async () => {
    const chance = chanceOf(17)
    for (let round = 0; round < 2; round++) {
      const funnel = randomFunnel(chance, NOW, FILTER_VALUES)
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
          const page: MembersBody = (await ask<MembersBody>(path, { ...request, limit: 20, cursor })).body
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
          const { body: page } = await ask<MembersBody>('/funnels/members', { ...data.openDrill.body, member })
          expect([key, page.data.count]).toEqual([key, steps[step - 1]!])
        }
      for (const { timestamp, entered } of data.trend?.filter((bucket) => bucket.entered > 0).slice(0, 3) ?? []) {
        const member = { state: 'reached', step: 1, bucket: timestamp }
        const { body: page } = await ask<MembersBody>('/funnels/members', { ...data.openDrill.body, member })
        expect([timestamp, page.data.count]).toEqual([timestamp, entered])
      }
    }
  }, 300_000)
})
