import { describe, expect, test } from 'bun:test'
import type { AlertDefinition } from '../../../src/alerts/alert-definition.ts'
import type { AlertNotification, AlertRecipient } from '../../../src/alerts/notifications/notification.ts'
import { createNotificationSender } from '../../../src/alerts/notifications/send-notification.ts'
import type { AlertRuleBody } from '../../../src/alerts/rules/rule-schema.ts'
import { pendingDelivery } from '../../../src/delivery/delivery.ts'

const NOW = 1_000
const RULE: AlertRuleBody = {
  name: 'Too many',
  metric: 'sent',
  granularity: 'hour',
  detector: { kind: 'threshold', above: 3 },
  notify: {
    emails: ['a@example.com'],
    webhooks: [{ url: 'https://example.com/', secret: 'a secret of this test' }],
    events: true,
  },
}
const RECIPIENTS: readonly AlertRecipient[] = [
  { channel: 'email', address: 'a@example.com' },
  { channel: 'webhook', url: 'https://example.com/' },
  { channel: 'event' },
]

/** What becomes of a notification to each recipient, and who was reached, when the rule is this one by then. */
async function outcomesWith(
  find: () => Promise<AlertDefinition | undefined>,
  { breaks = false, begin = () => Promise.resolve(true) } = {},
) {
  const reached: string[] = []
  const send = createNotificationSender({
    definitions: {
      find: async (tenantId, id) => {
        const body = await find()
        return body && { tenantId, id, version: 1, revision: 1, createdAt: 0, changedAt: 0, body }
      },
    },
    mail: { send: ({ to }) => (reached.push(to), Promise.resolve({ status: 'sent' })) },
    callWebhook: ({ url }) => (reached.push(url), Promise.resolve({ kind: 'response', status: 200 })),
    publishEvent: ({ transition }) =>
      breaks ? Promise.reject(new Error('no broker')) : (reached.push(transition), Promise.resolve()),
    publicUrl: undefined,
    now: () => NOW,
  })
  const notification: AlertNotification = {
    transition: 'firing',
    ...{ tenantId: 'tenant-1', ruleId: 'rule-1', name: 'Too many', metric: 'sent', detector: 'threshold' },
    ...{ granularity: 'hour', timezone: 'UTC', series: null, value: 5, expected: { upper: 3 } },
    ...{ bucket: { start: '2026-11-29T08:00:00Z', end: '2026-11-29T09:00:00Z' }, at: '2026-11-29T09:00:05Z' },
  }
  const statuses = await Promise.all(
    RECIPIENTS.map(async (recipient) => {
      const key = { tenantId: 'tenant-1', sourceId: 'rule-1', id: recipient.channel }
      const delivery = pendingDelivery({ recipient, notification }, Infinity)
      return (await send(key, delivery, new AbortController().signal, begin)).status
    }),
  )
  return { statuses, reached }
}

const stored =
  (rule: Partial<AlertRuleBody> = {}, snoozedUntil?: number) =>
  () =>
    Promise.resolve<AlertDefinition>({
      rule: { ...RULE, ...rule },
      judgedSince: 1,
      ...(snoozedUntil === undefined ? {} : { snoozedUntil }),
    })

describe('a notification', () => {
  test.each([
    ['is stored', stored()],
    ['was snoozed until now', stored({}, NOW)],
  ])('is sent while the rule %s', async (_, find) => {
    const { statuses, reached } = await outcomesWith(find)
    expect(statuses).toEqual(['sent', 'sent', 'sent'])
    expect(reached.toSorted()).toEqual(['a@example.com', 'firing', 'https://example.com/'])
  })

  test.each([
    ['was deleted', () => Promise.resolve(undefined)],
    ['was disabled', stored({ enabled: false })],
    ['was snoozed', stored({}, NOW + 1)],
    ['names nobody any more', stored({ notify: {} })],
  ])('that waited is not sent when the rule %s', async (_, find) => {
    expect(await outcomesWith(find)).toEqual({ statuses: ['skipped', 'skipped', 'skipped'], reached: [] })
  })

  test('is tried again when the broker does not respond', async () => {
    const withoutRule = await outcomesWith(() => Promise.reject(new Error('no broker')))
    expect(withoutRule).toEqual({ statuses: ['retry', 'retry', 'retry'], reached: [] })
    expect((await outcomesWith(stored(), { breaks: true })).statuses).toEqual(['sent', 'sent', 'retry'])
    // An event may be published without: its id keeps it from being there twice.
    const withoutRecord = await outcomesWith(stored(), { begin: () => Promise.resolve(false) })
    expect(withoutRecord).toEqual({ statuses: ['retry', 'retry', 'sent'], reached: ['firing'] })
  })
})
