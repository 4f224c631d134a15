import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { completeBody } from '../../../src/alerts/rules/resolve-rule.ts'
import type { AlertRuleBody } from '../../../src/alerts/rules/rule-schema.ts'
import type { Evaluator } from '../../../src/alerts/evaluation/evaluator.ts'
import { alertEvaluation, alertPartsOf, meetingRecords } from '../../support/app/alert-evaluation.ts'
import { askForDefinition } from '../../support/app/report-requests.ts'
import { openDefinitions } from '../../support/app/stored-definitions.ts'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import type { Published } from '../../support/oracle/history.ts'
import { until } from '../../support/process/until.ts'

const NOW = Date.now()
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A day of the past, for back-tests: the messages of each hour. */
const DAY = Math.floor(NOW / DAY_MS) * DAY_MS - 3 * DAY_MS
const DAY_TEXT = new Date(DAY).toISOString().slice(0, 10)
const SENT_BY_HOUR = [1, 0, 1, 0, 0, 4, 5, 3, 1, 4, 1]
/** The first of some hours of which the first and the third have five messages, and the others none. */
const FIRST = Math.floor(NOW / HOUR_MS) * HOUR_MS - 4 * HOUR_MS
const IN_SECOND_HOUR = FIRST + 1.5 * HOUR_MS
const TENANTS = ['tenant-1', 'judged', 'late', 'snoozed'] as const

const isoOf = (instant: number) => new Date(instant).toISOString().replace('.000', '')

function sent(tenantId: string, from: number, count: number, channel: string): Published[] {
  return Array.from({ length: count }, (_, index) => [
    'pipeline.message.sent',
    {
      eventId: `${channel}-${from}-${index}`,
      tenantId,
      timestamp: new Date(from + (index + 1) * 60_000).toISOString(),
      data: { messageId: `m-${channel}-${from}-${index}`, channel },
    },
  ])
}

const RULE: AlertRuleBody = {
  name: 'Too many',
  metric: 'sent',
  granularity: 'hour',
  detector: { kind: 'threshold', above: 3 },
}
const SECRET = 'a secret of this test'
const WEBHOOK = { url: 'https://hooks.example.com/alerts', secret: SECRET }

describe('alert rules', () => {
  let app: TestApp
  let stored: Awaited<ReturnType<typeof openDefinitions>>
  let alerts: ReturnType<typeof alertEvaluation>
  /** The one whose state the app shows. */
  let evaluator: Evaluator | undefined
  beforeAll(async () => {
    stored = await openDefinitions()
    alerts = alertEvaluation(stored, () => app.port)
    app = await openApp({ TENANT_REQUESTS_PER_SECOND: '0' }, { alerts: alertPartsOf(alerts, () => evaluator) })
    const day = SENT_BY_HOUR.flatMap((count, hour) => sent('tenant-1', DAY + hour * HOUR_MS, count, 'email'))
    const hours = TENANTS.slice(1).flatMap((tenant) =>
      [FIRST, FIRST + 2 * HOUR_MS].flatMap((hour) => sent(tenant, hour, 5, 'email')),
    )
    await app.store([...day, ...sent('tenant-1', DAY + 3 * HOUR_MS, 1, 'sms'), ...hours])
  }, 60_000)
  afterAll(async () => {
    await app?.close()
    await stored?.close()
  }, 30_000)

  const ask = (method: string, path: string, request?: Parameters<typeof askForDefinition>[3]) =>
    askForDefinition(app, method, path, request)
  const pathsOf = (error: { readonly details?: readonly { readonly path: string }[] }) =>
    error.details?.map(({ path }) => path)

  test('a rule is stored without showing its secret, changed by its entity tag, and removed', async () => {
    const notify = { emails: ['a@example.com'], webhooks: [WEBHOOK] }
    const made = await ask('POST', '/alerts', { body: { ...RULE, notify } })
    expect([made.status, made.etag]).toEqual([201, expect.stringMatching(/^"\d+"$/)])
    const shown = { ...notify, webhooks: [{ url: WEBHOOK.url }], events: false }
    expect(made.data).toMatchObject({
      ...RULE,
      ...{ for: 2, recoverAfter: 2, noData: 'keep', settleMinutes: 10, timezone: 'UTC', enabled: true },
      detector: { kind: 'threshold', above: 3, recoverAbove: expect.closeTo(2.4, 10) },
      ...{ notify: shown, state: 'noData', states: [], snoozedUntil: null, version: 1 },
    })
    const path = `/alerts/${made.data.id}`
    const body = { ...RULE, name: 'Renamed', notify: shown }
    expect((await ask('PUT', path, { body })).status).toBe(428)
    expect((await ask('PUT', path, { body, ifMatch: '"999999"' })).status).toBe(412)
    const other = { ...shown, webhooks: [{ url: 'https://other.example.com/' }] }
    const unsigned = await ask('PUT', path, { body: { ...body, notify: other }, ifMatch: made.etag })
    expect([unsigned.status, pathsOf(unsigned.error)]).toEqual([400, ['notify.webhooks[0].secret']])
    const changed = await ask('PUT', path, { body, ifMatch: made.etag })
    expect(changed).toMatchObject({ status: 200, data: { name: 'Renamed', version: 2, notify: shown } })
    expect((await alerts.definitions.find('tenant-1', made.data.id))?.body.rule.notify?.webhooks).toEqual([WEBHOOK])
    expect((await ask('DELETE', path)).status).toBe(428)
    expect((await ask('DELETE', path, { ifMatch: made.etag })).status).toBe(412)
    const [read, listed] = [await ask('GET', path), await ask('GET', '/alerts')]
    expect([read.data, listed.data.alerts]).toEqual([changed.data, [changed.data]])
    for (const { text } of [made, changed, read, listed]) expect(text).not.toContain(SECRET)
    expect((await ask('DELETE', path, { ifMatch: changed.etag })).status).toBe(200)
    for (const each of [path, `${path}/history`]) expect((await ask('GET', each)).status).toBe(404)
  })

  test('a mistake is named by its path', async () => {
    const mistakes: readonly (readonly [object, string[]])[] = [
      [{ metric: 'none' }, ['metric']],
      [{ splitBy: 'bounceClass' }, ['splitBy']],
      [{ timezone: 'Mars/Olympus' }, ['timezone']],
      [{ granularity: 'minute' }, ['granularity']],
      [{ settleMinutes: 1_441 }, ['settleMinutes']],
      [{ filter: { dimension: 'none', operator: 'in', values: ['x'] } }, ['filter.dimension']],
      [{ detector: { kind: 'threshold' } }, ['detector']],
      [{ detector: { kind: 'threshold', above: 1, z: 2 } }, ['detector.z']],
      [{ detector: { kind: 'rareRate', p0: 0.1 } }, ['metric']],
      [{ notify: { emails: ['nobody'] } }, ['notify.emails[0]']],
      [{ notify: { webhooks: [{ ...WEBHOOK, url: 'http://127.0.0.1/' }] } }, ['notify.webhooks[0].url']],
      [{ notify: { webhooks: [{ ...WEBHOOK, secret: 'short' }] } }, ['notify.webhooks[0].secret']],
    ]
    for (const [fields, paths] of mistakes) {
      const { status, error } = await ask('POST', '/alerts', { body: { ...RULE, ...fields } })
      expect([fields, status, error.code, pathsOf(error)]).toEqual([fields, 400, 'VALIDATION_ERROR', paths])
    }
    const { error } = await ask('POST', '/alerts/backtest', { body: { rule: { ...RULE, metric: 'none' } } })
    expect(pathsOf(error)).toEqual(['rule.metric'])
  })

  test('needs the scope, and shows nothing of another tenant', async () => {
    const made = await ask('POST', '/alerts', { body: RULE })
    const path = `/alerts/${made.data.id}`
    const readOnly = { scope: 'analytics:read' }
    const until = { until: new Date(NOW + DAY_MS).toISOString() }
    for (const [method, each, body] of [
      ['POST', '/alerts', RULE],
      ['PUT', path, RULE],
      ['DELETE', path, undefined],
      ['POST', `${path}/snooze`, until],
    ] as const) {
      const request = { ifMatch: made.etag, ...(body ? { body } : {}) }
      expect([method, (await ask(method, each, { ...request, ...readOnly })).status]).toEqual([method, 403])
      if (each !== '/alerts')
        expect([method, (await ask(method, each, { ...request, tenant: 'other' })).status]).toEqual([method, 404])
    }
    const range = { startDate: DAY_TEXT, endDate: DAY_TEXT }
    const backtest = { body: { rule: RULE, ...range }, ...readOnly }
    expect((await ask('POST', '/alerts/backtest', backtest)).data.buckets).toBe(24)
    expect((await ask('POST', '/alerts/backtest', { ...backtest, tenant: 'other' })).data.buckets).toBe(0)
    expect((await ask('GET', '/alerts', { tenant: 'other' })).data.alerts).toEqual([])
    for (const each of [path, `${path}/history`])
      expect([(await ask('GET', each, readOnly)).status, (await ask('GET', each, { tenant: 'other' })).status]).toEqual(
        [200, 404],
      )
    await ask('DELETE', path, { ifMatch: made.etag })
  })

  test('a back-test has each change of state, and judges every preset as it is', async () => {
    const range = { startDate: DAY_TEXT, endDate: DAY_TEXT }
    const { data } = await ask('POST', '/alerts/backtest', { body: { rule: RULE, ...range } })
    const changes = (data.transitions as any[]).map(({ bucket, from, to, value }) => [bucket, from, to, value])
    const at = (hour: number) => isoOf(DAY + hour * HOUR_MS)
    expect(changes).toEqual([
      [at(5), 'normal', 'pending', 4],
      [at(6), 'pending', 'firing', 5],
      // 3 is not above the limit, but above that of recovery.
      [at(8), 'firing', 'recovering', 1],
      [at(9), 'recovering', 'firing', 4],
      [at(10), 'firing', 'recovering', 1],
      [at(11), 'recovering', 'normal', 0],
    ])
    expect(data).toMatchObject({ buckets: 24, series: 1 })
    const split = await ask('POST', '/alerts/backtest', { body: { rule: { ...RULE, splitBy: 'channel' }, ...range } })
    expect(split.data).toMatchObject({ series: 2, transitions: changes.map(() => ({ series: { channel: 'email' } })) })
    const { presets } = (await ask('GET', '/alerts/presets')).data
    expect(presets.length).toBeGreaterThan(6)
    for (const { name, rule } of presets) {
      const { status } = await ask('POST', '/alerts/backtest', { body: { rule, ...range } })
      const made = await ask('POST', '/alerts', { body: rule })
      expect([name, status, made.status]).toEqual([name, 200, 201])
    }
  })

  const createFor = (tenantId: string, rule: Partial<AlertRuleBody> = {}) => {
    const body = completeBody({ ...RULE, settleMinutes: 0, for: 1, recoverAfter: 1, ...rule })
    return alerts.definitions.create(tenantId, { rule: body, judgedSince: NOW })
  }
  const round = async (each: Evaluator) => {
    each.update()
    await each.round(new AbortController().signal)
  }

  test('is stale, and not judged, while ingestion is more than five minutes behind', async () => {
    const { id } = await createFor('late')
    let lagMs = 300_001
    evaluator = alerts.evaluatorOf({ tenantId: 'late', now: () => IN_SECOND_HOUR, lagMs: () => lagMs })
    const shown = async () => {
      await round(evaluator!)
      const { state, states, bucket } = (await ask('GET', `/alerts/${id}`, { tenant: 'late' })).data
      return { state, states, bucket }
    }
    expect(await shown()).toEqual({ state: 'stale', states: [], bucket: null })
    lagMs = 300_000
    const firing = { series: null, state: 'firing', since: isoOf(FIRST), value: 5, verdict: 'fires' }
    expect(await shown()).toEqual({ state: 'firing', states: [firing], bucket: isoOf(FIRST) })
    evaluator = undefined
  })

  test('tells nobody while it is snoozed, but is judged', async () => {
    const tenant = 'snoozed'
    const { id } = await createFor(tenant)
    const path = `/alerts/${id}`
    const snooze = (until: string | null) => ask('POST', `${path}/snooze`, { body: { until }, tenant })
    expect(pathsOf((await snooze(new Date(NOW - 1).toISOString())).error)).toEqual(['until'])
    const end = NOW + 600_000
    expect((await snooze(new Date(end).toISOString())).data.snoozedUntil).toBe(new Date(end).toISOString())
    expect((await snooze(null)).data.snoozedUntil).toBeNull()
    await snooze(new Date(end).toISOString())
    let now = IN_SECOND_HOUR
    const told: string[] = []
    const judge = alerts.evaluatorOf({ tenantId: tenant, now: () => now, announce: ({ to }) => told.push(to) })
    await round(judge)
    expect([(await ask('GET', path, { tenant })).data.state, told]).toEqual(['firing', []])
    now = end + 1
    await round(judge)
    // The end of an episode is told only if its begin was.
    expect(told).toEqual(['firing', 'normal'])
    const { transitions } = (await ask('GET', `${path}/history`, { tenant })).data
    expect(transitions.map(({ bucket, to, silenced }: any) => [bucket, to, silenced])).toEqual([
      [isoOf(FIRST + 3 * HOUR_MS), 'normal', null],
      [isoOf(FIRST + 2 * HOUR_MS), 'firing', null],
      [isoOf(FIRST + HOUR_MS), 'normal', 'begin not announced'],
      [isoOf(FIRST), 'firing', 'snoozed'],
    ])
    expect((await ask('GET', `${path}/history?limit=1`, { tenant })).data.transitions).toHaveLength(1)
  })

  test.each([
    ['judge a bucket once and tell of it once', { isGuarded: true, kinds: ['alert', 'alert'] }, [1, 1]],
    // Controls: what the compare-and-set of the record, and of deliveries besides, keeps from happening.
    ['without compare-and-set of records judge it twice', { isGuarded: false, kinds: ['alert', 'alert'] }, [2, 1]],
    ['with deliveries of their own besides tell of it twice', { isGuarded: false, kinds: ['alert', 'own'] }, [2, 2]],
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
      const records = meetingRecords(alerts.records, isGuarded)
      const stopped = new AbortController()
      const now = () => IN_SECOND_HOUR
      const workers = kinds.map((kind) => alerts.workerOf(now, kind))
      const working = workers.map((worker) => worker.run(stopped.signal))
      await Promise.all(
        workers.map((worker) => round(alerts.evaluatorOf({ tenantId: tenant, now, records: records.store, worker }))),
      )
      await until(() => told.length >= expected[1], 20_000, 'the notification')
      await until(async () => (await alerts.openOf(kinds)) === 0, 20_000, 'the deliveries to be settled')
      stopped.abort()
      await Promise.all(working)
      await receiver.stop(true)
      expect([records.stored(), told.length]).toEqual([...expected])
      const { data, text } = await ask('GET', `/alerts/${id}/history`, { tenant })
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
      await alerts.definitions.remove(tenant, id, revision)
    },
    60_000,
  )
})
