import type { Message } from '../support/broker/nats-server.ts'

const HOUR_MS = 3_600_000

/** Hostile, very long and right-to-left names. */
export const HOSTILE_NAMES = [
  '<img src=x onerror="window.hacked=1">',
  '<script>window.hacked=2</script>',
  `"quotes' & 'apostrophes"`,
  'مرحبا بالعالم \u202E reversed',
  'long'.repeat(80),
]

/** The times of the events of a message after its sending, in milliseconds: people do not open a message at once. */
const DELAYS_MS = [0, 1, 10_000, 20_000] as const

/** A message that was sent at a given time, and its first events. */
export function messageEvents(
  id: string,
  at: number,
  eventCount: number,
  data: object,
  tenantId = 'tenant-1',
): Message[] {
  return ['sent', 'delivered', 'opened', 'clicked'].slice(0, eventCount).map((kind, index) => [
    `pipeline.message.${kind}`,
    {
      eventId: `${id}-${kind}`,
      tenantId,
      timestamp: new Date(at + DELAYS_MS[index]!).toISOString(),
      data: { messageId: id, contactId: `c-${id}`, ...data },
    },
  ])
}

/** One message every three hours over the last twenty days, a third of them opened by machines, and a few runs and enrollments, all with hostile names. */
export function sampleHistory(now: number): Message[] {
  const channels = ['email', 'sms', 'whatsapp', 'push']
  const messages = Array.from({ length: 160 }, (_, index) => {
    const which = index % HOSTILE_NAMES.length
    const source = { sourceType: 'campaign', sourceId: `cmp-${which}`, sourceName: HOSTILE_NAMES[which] }
    const template = { templateId: `tpl-${which}`, templateName: HOSTILE_NAMES[which] }
    const at = now - index * 3 * HOUR_MS - 60_000
    return messageEvents(`m-${index}`, at, 1 + ((index * 7) % 4), {
      channel: channels[index % 4],
      ...(index % 3 === 0 ? { machineOpen: true } : { userAgent: 'Mozilla/5.0 (X11; Linux x86_64)' }),
      ...source,
      ...template,
    })
  })
  const at = (minutes: number) => new Date(now - minutes * 60_000).toISOString()
  const journeys = Array.from({ length: 12 }, (_, index): Message[] => {
    const event = (name: string, data: object) => ({
      eventId: `${name}-${index}`,
      tenantId: 'tenant-1',
      timestamp: at(600 * (index + 1)),
      data,
    })
    const run = { workflowId: `wf-${index % 3}`, runId: `run-${index}`, workflowName: HOSTILE_NAMES[index % 3] }
    const enrollment = {
      sequenceId: `seq-${index % 2}`,
      enrollmentId: `enr-${index}`,
      sequenceName: HOSTILE_NAMES[index % 2],
    }
    return [
      ['workflow.run.started', event('run', run)],
      [index % 4 === 0 ? 'workflow.run.failed' : 'workflow.run.completed', event('ended', run)],
      ['sequence.step.executed', event('step', { ...enrollment, stepNumber: 1 + (index % 3) })],
      ['sequence.enrollment.replied', event('reply', { ...enrollment, stepNumber: 1 + (index % 3) })],
    ]
  })
  return [...messages, ...journeys].flat()
}
