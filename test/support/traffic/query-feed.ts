/** Traffic with recipients and links, and the values that filters of queries choose from. */
import type { Published } from '../oracle/history.ts'
import type { FilterValues } from '../oracle/analysis/random-query.ts'
import { DAY_MS, HOUR_MS } from '../oracle/zone.ts'
import { trafficOf } from './traffic.ts'

const DOMAINS = ['Example.com', 'mail.example', 'example.org']
const LINKS = ['https://example.com/a', 'https://example.com/b?c=1']

/** Recipients and links, which the traffic has few of. */
function withAddresses([subject, envelope, headers]: Published, index: number): Published {
  if (!subject.startsWith('pipeline.message.')) return headers ? [subject, envelope, headers] : [subject, envelope]
  const { data } = envelope
  const isAction = /opened|clicked/.test(subject)
  const named = {
    ...(typeof data['messageId'] === 'string' && data['messageId'].length % 4 > 0
      ? { to: `someone@${DOMAINS[data['messageId'].charCodeAt(data['messageId'].length - 1) % 3]!}` }
      : {}),
    ...(isAction && index % 3 > 0 ? { url: LINKS[index % 2]! } : {}),
  }
  const changed = { ...envelope, data: { ...named, ...data } }
  return headers ? [subject, changed, headers] : [subject, changed]
}

/** Of two tenants: the last weeks, with events after the present, and some of a year before. */
export const queryFeed = (nowMs: number, tenant: string): Published[] =>
  [
    ...trafficOf({
      seed: 81,
      tenants: [tenant, 'tenant-2'],
      messages: 250,
      fromMs: nowMs - 40 * DAY_MS,
      toMs: nowMs + 3 * HOUR_MS,
      repeats: 0,
    }),
    ...trafficOf({
      seed: 82,
      tenants: [tenant],
      messages: 80,
      fromMs: nowMs - 400 * DAY_MS,
      toMs: nowMs - 340 * DAY_MS,
      repeats: 0,
    }),
  ].map(withAddresses)

export const FILTER_VALUES: FilterValues = {
  channel: ['email', 'sms', 'push', 'whatsapp'],
  campaign: ['campaign-0', 'campaign-1', 'campaign-2', 'none'],
  workflow: ['workflow-0', 'workflow-1'],
  sequence: ['sequence-0', 'sequence-1'],
  template: ['template-0', 'template-1', 'template-2'],
  sourceType: ['campaign', 'workflow', 'sequence', 'api'],
  step: [1, 2, '3'],
  hourOfDay: [0, 7, '13', 23],
  dayOfWeek: ['Monday', 'Wednesday', 'Sunday'],
  bounceClass: ['hard', 'soft', 'block', 'undetermined'],
  actorClass: ['human', 'privacy', 'scanner', 'unknown'],
  recipientDomain: ['example.com', 'mail.example'],
  link: LINKS,
}
