import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { completeBody } from '../../../src/alerts/rules/resolve-rule.ts'
import type { AlertRuleBody } from '../../../src/alerts/rules/rule-schema.ts'
import type { Evaluator } from '../../../src/alerts/evaluation/evaluator.ts'
import type { ShownAlert } from '../../../src/http/alerts/alert-data.ts'
import type { ShownHistory } from '../../../src/http/alerts/history-data.ts'
import { isoOf, messagesSent, openAlertApp, RULE, SECRET } from '../../support/app/alert-app.ts'
import { meetingRecords } from '../../support/app/alert-evaluation.ts'
import type { Ask } from '../../support/app/report-requests.ts'
import { until } from '../../support/process/until.ts'

const NOW = Date.now()
const HOUR_MS = 3_600_000
/** The first of some hours of which the first and the third have five messages, and the others none. */
const FIRST = Math.floor(NOW / HOUR_MS) * HOUR_MS - 4 * HOUR_MS
const IN_SECOND_HOUR = FIRST + 1.5 * HOUR_MS

describe('the evaluation of alert rules', () => {
  let opened: Awaited<ReturnType<typeof openAlertApp>>
  beforeAll(async () => {
    const hours = [FIRST, FIRST + 2 * HOUR_MS]
    opened = await openAlertApp(
      ['judged', 'late', 'snoozed'].flatMap((tenant) => hours.flatMap((hour) => messagesSent(tenant, hour, 5))),
    )
  }, 60_000)
  afterAll(() => opened?.close(), 30_000)

  const ask: Ask = (method, path, request) => opened.ask(method, path, request)
  const createFor = (tenantId: string, rule: Partial<AlertRuleBody> = {}) => {
    const body = completeBody({ ...RULE, settleMinutes: 0, for: 1, recoverAfter: 1, ...rule })
    return opened.alerts.definitions.create(tenantId, { rule: body, judgedSince: NOW })
  }
  const round = async (each: Evaluator) => {
    await each.update()
    await each.round(new AbortController().signal)
  }

  test('is stale, and not judged, while ingestion is more than five minutes behind', async () => {
    const { id } = await createFor('late')
    let lagMs = 300_001
    const evaluator = opened.alerts.evaluatorOf({ tenantId: 'late', now: () => IN_SECOND_HOUR, lagMs: () => lagMs })
    opened.show(evaluator)
    const shown = async () => {
      await round(evaluator)
      const { state, states, bucket } = (await ask<ShownAlert>('GET', `/alerts/${id}`, { tenant: 'late' })).data
      return { state, states, bucket }
    }
    expect(await shown()).toEqual({ state: 'stale', states: [], bucket: null })
    lagMs = 300_000
    const firing = { series: null, state: 'firing', since: isoOf(FIRST), value: 5, verdict: 'fires' } as const
    expect(await shown()).toEqual({ state: 'firing', states: [firing], bucket: isoOf(FIRST) })
  })

  test('tells nobody while it is snoozed, but is judged', async () => {
    const tenant = 'snoozed'
    const { id } = await createFor(tenant)
    const path = `/alerts/${id}`
    const snooze = (instant: string | null) =>
      ask<ShownAlert>('POST', `${path}/snooze`, { body: { until: instant }, tenant })
    expect((await snooze(new Date(NOW - 1).toISOString())).error.details?.map(({ path: at }) => at)).toEqual(['until'])
    const end = NOW + 600_000
    expect((await snooze(new Date(end).toISOString())).data.snoozedUntil).toBe(new Date(end).toISOString())
    expect((await snooze(null)).data.snoozedUntil).toBeNull()
    await snooze(new Date(end).toISOString())
    let now = IN_SECOND_HOUR
    const told: string[] = []
    const judge = opened.alerts.evaluatorOf({ tenantId: tenant, now: () => now, announce: ({ to }) => told.push(to) })
    await round(judge)
    expect([(await ask<ShownAlert>('GET', path, { tenant })).data.state, told]).toEqual(['firing', []])
    now = end + 1
    await round(judge)
    // The end of an episode is told only if its begin was.
    expect(told).toEqual(['firing', 'normal'])
    const { transitions } = (await ask<ShownHistory>('GET', `${path}/history`, { tenant })).data
    expect(transitions.map(({ bucket, to, silenced }) => [bucket, to, silenced])).toEqual([
      [isoOf(FIRST + 3 * HOUR_MS), 'normal', null],
      [isoOf(FIRST + 2 * HOUR_MS), 'firing', null],
      [isoOf(FIRST + HOUR_MS), 'normal', 'begin not announced'],
      [isoOf(FIRST), 'firing', 'snoozed'],
    ])
    expect((await ask<ShownHistory>('GET', `${path}/history?limit=1`, { tenant })).data.transitions).toHaveLength(1)
  })

  test('tells nothing again when its rule was disabled and is enabled again', async () => {
    const tenant = 'judged'
    const { id, body, revision } = await createFor(tenant)
    const told: string[] = []
    let now = IN_SECOND_HOUR
    const announce = ({ to }: { readonly to: string }) => told.push(to)
    await round(opened.alerts.evaluatorOf({ tenantId: tenant, now: () => now, announce }))
    // The hour that has settled since is clear: a rule that begins anew is normal.
    now += HOUR_MS
    const enabled = await opened.alerts.definitions.replace(tenant, id, { ...body, judgedSince: NOW + 1 }, revision)
    await round(opened.alerts.evaluatorOf({ tenantId: tenant, now: () => now, announce }))
    expect(told).toEqual(['firing'])
    expect((await opened.alerts.records.read(tenant, id))?.record).toMatchObject({ judgedSince: NOW + 1, outbox: [] })
    await opened.alerts.definitions.remove(tenant, id, enabled.revision)
  })

  test.each(['read', 'write'] as const)('leaves nothing of a rule that is removed before the %s', async (call) => {
    const tenant = 'judged'
    const { id, revision } = await createFor(tenant)
    const { records, definitions } = opened.alerts
    const removing: typeof records = {
      ...records,
      async [call](...parameters: readonly unknown[]) {
        await definitions.remove(tenant, id, revision)
        await records.remove(tenant, id)
        return (records[call] as (...all: readonly unknown[]) => Promise<unknown>)(...parameters)
      },
    }
    const judge = opened.alerts.evaluatorOf({ tenantId: tenant, now: () => IN_SECOND_HOUR, records: removing })
    await round(judge)
    await judge.update()
    expect(await records.read(tenant, id)).toBeUndefined()
  })

  test.each([
    ['judge a bucket once and tell of it once', { isGuarded: true, kinds: ['alert', 'alert'] }, [1, 1]],
    // The control: the compare-and-set of the record, and that of the log of deliveries, are what keeps it from happening.
    ['do both twice without compare-and-set', { isGuarded: false, kinds: ['alert', 'own'] }, [2, 2]],
  ] as const)(
    'two processes at once %s',
    async (_, { isGuarded, kinds }, expected) => {
      const told: string[] = []
      const receiver = Bun.serve({
        port: 0,
        hostname: '127.0.0.1',
        async fetch(request) {
          told.push(((await request.json()) as { transition: string }).transition)
          return new Response()
        },
      })
      const tenant = 'judged'
      const webhook = { url: `http://127.0.0.1:${receiver.port}/`, secret: SECRET }
      const { id, revision } = await createFor(tenant, { notify: { webhooks: [webhook] } })
      const records = meetingRecords(opened.alerts.records, isGuarded)
      const stopped = new AbortController()
      const now = () => IN_SECOND_HOUR
      const workers = kinds.map((kind) => opened.alerts.workerOf(now, kind))
      const working = workers.map((worker) => worker.run(stopped.signal))
      await Promise.all(
        workers.map((worker) =>
          round(opened.alerts.evaluatorOf({ tenantId: tenant, now, records: records.store, worker })),
        ),
      )
      await until(() => told.length >= expected[1], 20_000, 'the notification')
      await until(async () => (await opened.alerts.openOf(kinds)) === 0, 20_000, 'the deliveries to be settled')
      stopped.abort()
      await Promise.all(working)
      await receiver.stop(true)
      expect([records.stored(), told.length]).toEqual([...expected])
      const { data, text } = await ask<ShownHistory>('GET', `/alerts/${id}/history`, { tenant })
      expect(text).not.toContain(SECRET)
      expect(data.transitions).toMatchObject([
        {
          ...{ bucket: isoOf(FIRST), bucketEnd: isoOf(FIRST + HOUR_MS), from: 'normal', to: 'firing', value: 5 },
          ...{ expected: { upper: 3 }, announcement: 'firing', silenced: null },
          deliveries: [
            {
              channel: 'webhook',
              recipient: webhook.url,
              status: 'sent',
              attempts: 1,
              nextAttemptAt: null,
              error: null,
            },
          ],
        },
      ])
      await opened.alerts.definitions.remove(tenant, id, revision)
    },
    60_000,
  )
})
