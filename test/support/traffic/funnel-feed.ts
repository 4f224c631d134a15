/** Traffic for funnels: few entities with many events each, at times of which many are equal, of all entities that a funnel can follow. */
import { chanceOf } from '../base/random.ts'
import type { Published } from '../oracle/history.ts'
import { DAY_MS, HOUR_MS } from '../oracle/zone.ts'

const MESSAGE_KINDS = ['sent', 'delivered', 'opened', 'clicked', 'bounced'] as const
const OTHER_SUBJECTS = [
  'sequence.enrollment.started',
  'sequence.step.executed',
  'sequence.step.executed',
  'sequence.enrollment.replied',
  'workflow.run.started',
  'workflow.run.completed',
  'workflow.run.goal_reached',
  'contact.created',
  'contact.updated',
]
const AGENTS = ['Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Thunderbird/115.9', 'curl/8.0', 'Mozilla/5.0']

/** Messages whose events mostly come once each and in their order, some at one instant; some are sent twice, or opened before they were delivered. */
export function messageFeed(nowMs: number, tenantId: string, seed: number, count: number): Published[] {
  const chance = chanceOf(seed)
  return Array.from({ length: count }, (_, index): Published[] => {
    let at = nowMs - Math.floor(chance.below(20 * DAY_MS) / HOUR_MS) * HOUR_MS
    const campaign = chance.hits(0.5) ? { campaignId: `campaign-${chance.below(26)}` } : {}
    const event = (kind: string, number: number): Published => {
      const eventId = `${tenantId}-message-${seed}-${index}-${number}`
      const timestamp = Math.min(at, nowMs)
      at += chance.pick([0, 60_000, 3_600_000, 3 * DAY_MS]) * (chance.hits(0.1) ? -1 : 1)
      const userAgent = chance.hits(0.7) ? { userAgent: chance.pick(AGENTS) } : {}
      const data = {
        messageId: `once-${seed}-${index}`,
        channel: 'email',
        ...campaign,
        ...userAgent,
        metadata: { k: eventId },
      }
      return [`pipeline.message.${kind}`, { eventId, tenantId, timestamp, data }]
    }
    const kinds = ['sent', 'delivered', 'opened', 'opened', 'clicked', 'sent'].filter(
      (kind, number) => number === 0 || chance.hits(kind === 'sent' ? 0.1 : 0.7),
    )
    return kinds.map(event)
  }).flat()
}

/** Each envelope has an eventId, which its metadata repeats as `k`. */
export function funnelFeed(nowMs: number, tenantId: string, seed: number, count = 500): Published[] {
  const chance = chanceOf(seed)
  const published: Published[] = []
  const base = nowMs - 20 * DAY_MS
  for (let index = 0; index < count; index++) {
    const eventId = `${tenantId}-${seed}-${index}`
    // Half of the times are one of a few.
    const step = chance.pick([60_000, 3_600_000, 6 * 3_600_000])
    const timestamp = base + Math.floor((chance.below(21 * DAY_MS) - DAY_MS) / step) * step
    const isMessage = chance.hits(0.55)
    const subject = isMessage ? `pipeline.message.${chance.pick(MESSAGE_KINDS)}` : chance.pick(OTHER_SUBJECTS)
    const optional = (probability: number, name: string, make: () => unknown) =>
      chance.hits(probability) ? { [name]: make() } : {}
    const data = {
      ...optional(isMessage ? 1 : 0.3, 'messageId', () => `m-${chance.below(40)}`),
      ...optional(subject.startsWith('contact') ? 1 : 0.8, 'contactId', () => `c-${chance.below(15)}`),
      ...optional(subject.startsWith('sequence.enrollment') ? 1 : 0.4, 'enrollmentId', () => `e-${chance.below(15)}`),
      // Numbers are ids as well.
      ...optional(subject.startsWith('workflow') ? 0.8 : 0.3, 'runId', () =>
        chance.hits(0.2) ? 100 + chance.below(3) : `r"-${chance.below(12)}`,
      ),
      ...optional(subject.startsWith('workflow') ? 1 : 0.2, 'workflowId', () => `workflow-${chance.below(2)}`),
      ...optional(subject.startsWith('sequence') ? 1 : 0.2, 'sequenceId', () => `sequence-${chance.below(2)}`),
      ...optional(0.5, 'campaignId', () => `campaign-${chance.below(26)}`),
      ...optional(0.5, 'templateId', () => `template-${chance.below(3)}`),
      ...optional(0.7, 'channel', () => chance.pick(['email', 'sms'])),
      ...optional(0.5, 'stepNumber', () => 1 + chance.below(3)),
      ...optional(0.7, 'userAgent', () => chance.pick(AGENTS)),
      metadata: { k: eventId, nested: { runId: 'no', messageId: 'no' } },
    }
    published.push([subject, { eventId, tenantId, timestamp, data }])
  }
  return published
}
