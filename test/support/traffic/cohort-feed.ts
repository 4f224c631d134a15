/** Traffic of contacts that come back: with ties, events at the edges of local days, and more events of a contact than messages have. */
import { chanceOf } from '../base/random.ts'
import type { Published } from '../oracle/history.ts'
import { bucketStart, DAY_MS, HOUR_MS } from '../oracle/zone.ts'
import { queryFeed } from './query-feed.ts'

const AGENTS = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)',
  'Mozilla/5.0',
  'Barracuda Sentinel',
  'python-requests/2.31',
  '',
]

/** Each event has its `eventId` as the field `key` of its data too. */
export function cohortFeed(nowMs: number, tenant: string): Published[] {
  return [...queryFeed(nowMs, tenant), ...contactEvents(nowMs, tenant)].map(([subject, envelope], index) => {
    const key = `event-${index}`
    return [subject, { ...envelope, eventId: key, data: { ...envelope.data, key } }]
  })
}

function contactEvents(nowMs: number, tenant: string): Published[] {
  const chance = chanceOf(83)
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York']
  /** The times of all contacts, so that many events share one. */
  const times = Array.from({ length: 60 }, () => {
    const at = nowMs - chance.below(45 * DAY_MS) + 2 * HOUR_MS
    const edge = bucketStart(at, chance.pick(['day', 'week', 'month'] as const), chance.pick(zones))
    return chance.pick([at, edge - 1, edge, edge + 1])
  })
  const events: Published[] = []
  for (let contact = 0; contact < 40; contact++) {
    const own = Array.from({ length: 6 }, () => chance.pick(times))
    for (let count = chance.below(12); count >= 0; count--) {
      const at = chance.pick(own)
      const messageId = `returning-${contact}-${chance.below(3)}`
      const agent = chance.pick(AGENTS)
      const data = {
        contactId: `returning-${contact}`,
        channel: chance.pick(['email', 'sms']),
        campaignId: `campaign-${chance.below(3)}`,
      }
      const subject = chance.pick([
        'pipeline.message.sent',
        'pipeline.message.opened',
        'pipeline.message.clicked',
        'contact.updated',
      ])
      const isMessage = subject.startsWith('pipeline.')
      events.push([
        subject,
        {
          tenantId: tenant,
          timestamp: new Date(at).toISOString(),
          data: { ...data, ...(isMessage ? { messageId } : {}), ...(agent && isMessage ? { userAgent: agent } : {}) },
        },
      ])
    }
  }
  return events
}
