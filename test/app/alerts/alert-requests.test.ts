import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { ShownAlert } from '../../../src/http/alerts/alert-data.ts'
import type { ShownBacktest, ShownPresets } from '../../../src/http/alerts/history-data.ts'
import { isoOf, messagesSent, openAlertApp, RULE, SECRET } from '../../support/app/alert-app.ts'
import type { Ask } from '../../support/app/report-requests.ts'
import type { Published } from '../../support/oracle/history.ts'

const NOW = Date.now()
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A day of the past, for back-tests: the messages of each hour. */
const DAY = Math.floor(NOW / DAY_MS) * DAY_MS - 3 * DAY_MS
const DAY_TEXT = new Date(DAY).toISOString().slice(0, 10)
const SENT_BY_HOUR = [1, 0, 1, 0, 0, 4, 5, 3, 1, 4, 1]
const WEBHOOK = { url: 'https://hooks.example.com/alerts', secret: SECRET }

interface AlertList {
  readonly alerts: readonly ShownAlert[]
}

/** Messages of which some bounced, every second one of those after it was delivered. */
function messagesAnswered(tenantId: string, from: number, { sent, answered }: { sent: number; answered: number }) {
  const messages = messagesSent(tenantId, from, sent)
  const after = messages.slice(0, answered).flatMap(([, event], index): Published[] => {
    const later = (kind: string) => ({ ...event, eventId: `${event.eventId}-${kind}` })
    const bounced: Published = ['pipeline.message.bounced', later('bounced')]
    return index % 2 === 0 ? [bounced] : [['pipeline.message.delivered', later('delivered')], bounced]
  })
  return [...messages, ...after]
}

describe('requests about alert rules', () => {
  let opened: Awaited<ReturnType<typeof openAlertApp>>
  beforeAll(async () => {
    const day = SENT_BY_HOUR.flatMap((count, hour) => messagesSent('tenant-1', DAY + hour * HOUR_MS, count))
    opened = await openAlertApp([
      ...day,
      ...messagesSent('tenant-1', DAY + 3 * HOUR_MS, 1, 'sms'),
      ...messagesAnswered('stalled', DAY + HOUR_MS, { sent: 50, answered: 25 }),
      ...messagesAnswered('stalled', DAY + 2 * HOUR_MS, { sent: 50, answered: 23 }),
      ...messagesAnswered('bouncing', DAY + HOUR_MS, { sent: 50, answered: 50 }),
    ])
  }, 60_000)
  afterAll(() => opened?.close(), 30_000)

  const ask: Ask = (method, path, request) => opened.ask(method, path, request)
  const pathsOf = (error: { readonly details?: readonly { readonly path: string }[] }) =>
    error.details?.map(({ path }) => path)

  test('a rule is stored without showing its secret, changed by its entity tag, and removed', async () => {
    const notify = { emails: ['a@example.com'], webhooks: [WEBHOOK] }
    const made = await ask<ShownAlert>('POST', '/alerts', { body: { ...RULE, notify } })
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
    expect((await opened.alerts.definitions.find('tenant-1', made.data.id))?.body.rule.notify?.webhooks).toEqual([
      WEBHOOK,
    ])
    expect((await ask('DELETE', path)).status).toBe(428)
    expect((await ask('DELETE', path, { ifMatch: made.etag })).status).toBe(412)
    const [read, listed] = [await ask('GET', path), await ask<AlertList>('GET', '/alerts')]
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
    const made = await ask<ShownAlert>('POST', '/alerts', { body: RULE })
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
    expect((await ask<ShownBacktest>('POST', '/alerts/backtest', backtest)).data.buckets).toBe(24)
    expect((await ask<ShownBacktest>('POST', '/alerts/backtest', { ...backtest, tenant: 'other' })).data.buckets).toBe(
      0,
    )
    expect((await ask<AlertList>('GET', '/alerts', { tenant: 'other' })).data.alerts).toEqual([])
    for (const each of [path, `${path}/history`])
      expect([(await ask('GET', each, readOnly)).status, (await ask('GET', each, { tenant: 'other' })).status]).toEqual(
        [200, 404],
      )
    await ask('DELETE', path, { ifMatch: made.etag })
  })

  test('a back-test has each change of state, and judges every preset as it is', async () => {
    const range = { startDate: DAY_TEXT, endDate: DAY_TEXT }
    const { data } = await ask<ShownBacktest>('POST', '/alerts/backtest', { body: { rule: RULE, ...range } })
    const changes = data.transitions.map(({ bucket, from, to, value }) => [bucket, from, to, value])
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
    const presets = (await ask<ShownPresets>('GET', '/alerts/presets')).data
    expect(presets.length).toBeGreaterThan(6)
    for (const { name, rule } of presets) {
      const { status } = await ask('POST', '/alerts/backtest', { body: { rule, ...range } })
      const made = await ask('POST', '/alerts', { body: rule })
      expect([name, status, made.status]).toEqual([name, 200, 201])
    }
  }, 60_000)

  test('a delivery stall is that of messages that are neither delivered nor bounced', async () => {
    const presets = (await ask<ShownPresets>('GET', '/alerts/presets')).data
    const { rule } = presets.find(({ name }) => name === 'Delivery stall')!
    const changesOf = async (tenant: string) => {
      const body = { rule, startDate: DAY_TEXT, endDate: DAY_TEXT }
      const { transitions } = (await ask<ShownBacktest>('POST', '/alerts/backtest', { body, tenant })).data
      return transitions.map(({ bucket, to, value }) => [bucket, to, value])
    }
    expect(await changesOf('stalled')).toEqual([[isoOf(DAY + 2 * HOUR_MS), 'firing', 46]])
    expect(await changesOf('bouncing')).toEqual([])
  })
})
