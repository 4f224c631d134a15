/** Examples of alert rules, for the API document. */
import { ALERT_PRESETS } from '../../alerts/presets.ts'
import { completeBody } from '../../alerts/rules/resolve-rule.ts'
import type { AlertRuleBody } from '../../alerts/rules/rule-schema.ts'

const RULE: AlertRuleBody = {
  name: 'Fewer e-mails than usual',
  metric: 'sent',
  filter: { dimension: 'channel', operator: 'in', values: ['email'] },
  granularity: 'hour',
  detector: { kind: 'seasonalCount', direction: 'down' },
  settleMinutes: 10,
  for: 2,
  recoverAfter: 2,
  noData: 'keep',
  notify: {
    emails: ['operations@example.com'],
    webhooks: [{ url: 'https://hooks.example.com/alerts', secret: 'a secret of at least 16 characters' }],
    events: true,
  },
  timezone: 'Europe/Berlin',
  enabled: true,
}

const STORED = {
  id: '6f3d1c2e-8a47-4b0d-9d53-2f1f0e7a9c11',
  version: 1,
  createdAt: '2026-01-26T08:00:00.000Z',
  changedAt: '2026-01-26T08:00:00.000Z',
  ...completeBody(RULE),
  notify: {
    emails: ['operations@example.com'],
    webhooks: [{ url: 'https://hooks.example.com/alerts' }],
    events: true,
  },
  snoozedUntil: null,
  state: 'firing',
  bucket: '2026-01-29T05:00:00Z',
  states: [{ series: null, state: 'firing', since: '2026-01-29T05:00:00Z', value: 12, verdict: 'fires' }],
  problem: null,
  mail: 'configured',
}

const EXPECTED = { lower: 61.24, upper: 148.9 }
const FIRED = {
  series: null,
  bucket: '2026-01-29T05:00:00Z',
  from: 'pending',
  to: 'firing',
  value: 12,
  expected: EXPECTED,
}
const PENDING = { ...FIRED, bucket: '2026-01-29T04:00:00Z', from: 'normal', to: 'pending', value: 21 }

/** The example of each request body. */
export const ALERT_REQUEST_EXAMPLES = {
  createAlert: RULE,
  changeAlert: RULE,
  alertBacktest: { rule: RULE, startDate: '2026-01-26', endDate: '2026-01-28' },
  snoozeAlert: { until: '2026-01-29T18:00:00Z' },
}

/** The data of each response. */
export const ALERT_EXAMPLES = {
  alerts: { alerts: [STORED] },
  createAlert: STORED,
  alert: STORED,
  changeAlert: STORED,
  removeAlert: { id: STORED.id },
  snoozeAlert: { ...STORED, snoozedUntil: '2026-01-29T18:00:00Z' },
  alertPresets: ALERT_PRESETS.slice(0, 2),
  alertBacktest: { transitions: [PENDING, FIRED], buckets: 72, series: 1 },
  alertHistory: {
    transitions: [
      {
        ...FIRED,
        bucketEnd: '2026-01-29T06:00:00Z',
        at: '2026-01-29T06:10:03.412Z',
        announcement: 'firing',
        silenced: null,
        deliveries: [
          {
            channel: 'email',
            recipient: 'operations@example.com',
            status: 'sent',
            attempts: 1,
            nextAttemptAt: null,
            error: null,
          },
          {
            channel: 'webhook',
            recipient: 'https://hooks.example.com/alerts',
            status: 'retrying',
            attempts: 1,
            nextAttemptAt: '2026-01-29T06:11:04.020Z',
            error: 'The address answered with the status 500.',
          },
        ],
      },
    ],
  },
}
