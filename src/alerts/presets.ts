/** Rules that help most senders, for clients to start from. */
import type { FilterTree } from '../analytics/filter/filter-tree.ts'
import type { AlertRuleBody } from './rules/rule-schema.ts'

export interface AlertPreset {
  readonly name: string
  readonly description: string
  /** Complete but for who is told. */
  readonly rule: AlertRuleBody
}

const EMAIL: FilterTree = { dimension: 'channel', operator: 'in', values: ['email'] }

/** Domains with most of the mailboxes of consumers: a rule can follow at most a hundred domains, and smaller ones have too few messages to judge. */
const LARGE_DOMAINS = [
  'gmail.com',
  'googlemail.com',
  'yahoo.com',
  'yahoo.co.uk',
  'ymail.com',
  'aol.com',
  'outlook.com',
  'hotmail.com',
  'hotmail.co.uk',
  'live.com',
  'msn.com',
  'icloud.com',
  'me.com',
  'mac.com',
  'comcast.net',
  'gmx.de',
  'gmx.net',
  'web.de',
  't-online.de',
  'orange.fr',
  'free.fr',
  'libero.it',
  'mail.ru',
  'qq.com',
  '163.com',
  'proton.me',
]

const preset = (
  name: string,
  description: string,
  rule: Pick<AlertRuleBody, 'metric' | 'granularity' | 'detector'> & Partial<AlertRuleBody>,
): AlertPreset => ({ name, description, rule: { name, timezone: 'UTC', ...rule } })

export const ALERT_PRESETS: readonly AlertPreset[] = [
  preset('Complaint rate above 0.1 %', 'A warning: large providers expect less than 0.1 %.', {
    metric: 'complaintRate',
    filter: EMAIL,
    granularity: 'day',
    detector: { kind: 'rareRate', p0: 0.001 },
    for: 1,
  }),
  preset('Complaint rate above 0.3 %', 'Critical: above 0.3 % large providers refuse mail.', {
    metric: 'complaintRate',
    filter: EMAIL,
    granularity: 'day',
    detector: { kind: 'rareRate', p0: 0.003 },
    for: 1,
  }),
  preset('Hard bounces above 5 %', 'A warning: many addresses do not exist.', {
    metric: 'hardBounceRate',
    granularity: 'day',
    detector: { kind: 'threshold', above: 5, minDenominator: 100 },
    for: 1,
  }),
  preset('Hard bounces above 10 %', 'Critical: the list should not be sent to any more.', {
    metric: 'hardBounceRate',
    granularity: 'day',
    detector: { kind: 'threshold', above: 10, minDenominator: 100 },
    for: 1,
  }),
  preset('Hard bounces more than usual', 'The rate lies far above that of the 28 days before.', {
    metric: 'hardBounceRate',
    granularity: 'day',
    detector: { kind: 'rateShift', direction: 'up' },
    for: 1,
  }),
  preset(
    'Delivery stall',
    'Of the messages that were sent 90 to 30 minutes ago, fewer than half were delivered or bounced. Looked at once an hour.',
    {
      metric: 'deliveredOrBouncedRate',
      granularity: 'hour',
      detector: { kind: 'threshold', below: 50, minDenominator: 50 },
      settleMinutes: 30,
      for: 1,
    },
  ),
  preset('Silence', 'No message is sent although messages usually are at this time.', {
    metric: 'sent',
    granularity: 'hour',
    detector: { kind: 'silence' },
    for: 1,
    recoverAfter: 1,
  }),
  preset('Unsubscribe spike', 'Far more people unsubscribe than usual.', {
    metric: 'unsubscribed',
    granularity: 'day',
    detector: { kind: 'seasonalCount', direction: 'up' },
    for: 1,
  }),
  preset(
    'Open collapse by recipient domain',
    'At a large mailbox provider far fewer messages are opened than before.',
    {
      metric: 'uniqueOpenRate',
      filter: { and: [EMAIL, { dimension: 'recipientDomain', operator: 'in', values: LARGE_DOMAINS }] },
      splitBy: 'recipientDomain',
      granularity: 'day',
      detector: { kind: 'rateShift', direction: 'down' },
      settleMinutes: 720,
      for: 2,
    },
  ),
  preset('Workflow failures', 'More than 5 of 100 runs of a workflow fail.', {
    metric: 'failureRate',
    granularity: 'hour',
    detector: { kind: 'threshold', above: 5, minDenominator: 20 },
  }),
]
