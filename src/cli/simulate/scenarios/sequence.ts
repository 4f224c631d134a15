import { DAY_MS, HOUR_MS, SECOND_MS } from '../../duration.ts'
import type { SimulatedEvent } from '../simulated-event.ts'
import { expectedMessageEvents, sendMessage } from './message.ts'
import type { ScenarioStart, ScenarioContext } from './scenario-context.ts'

/** The probability that a person removes the contact from the sequence at a step. */
const EXIT_SHARE = 0.02

/**
 * An enrollment in a sequence: started, then a step every few days, each with its message, until the contact replies (to the latest step), unsubscribes, bounces or is
 * removed, or the steps are complete. No step is executed after the end.
 */
export function startEnrollment(context: ScenarioContext, at: number): ScenarioStart {
  const { random, tenant } = context
  const sequence = random.pick(tenant.sequences)
  const contactId = random.pick(tenant.contacts)
  const enrollment = {
    enrollmentId: `enr-${random.hex()}${random.hex()}`,
    sequenceId: sequence.id,
    sequenceName: sequence.name,
    contactId,
    userId: `user-${1 + random.integerBelow(6)}`,
  }
  const source = { type: 'sequence' as const, id: sequence.id, name: sequence.name }
  let hasEnded = false
  let lastStep = 0

  const end =
    (outcome: 'completed' | 'replied' | 'exited' | 'bounced' | 'unsubscribed', stepNumber: number) =>
    (endedAt: number) => {
      if (hasEnded) return undefined
      hasEnded = true
      return context.createEvent(`sequence.enrollment.${outcome}`, endedAt, { ...enrollment, stepNumber })
    }

  const execute =
    (stepNumber: number) =>
    (executedAt: number): SimulatedEvent | undefined => {
      const template = sequence.templates[stepNumber - 1]
      if (hasEnded || !template) return undefined
      lastStep = stepNumber
      context.schedule(executedAt, random.logNormal(2 * SECOND_MS), (sentAt) =>
        sendMessage(
          context,
          sentAt,
          { template, contactId, source },
          {
            onDelivered(deliveredAt) {
              const replyShare = stepNumber === 1 ? sequence.replyShare : sequence.replyShare / 2
              if (!random.chance(replyShare)) return
              // A reply after the next step was sent counts as a reply to that step.
              context.schedule(deliveredAt, random.logNormal(8 * HOUR_MS), (repliedAt) =>
                end('replied', lastStep)(repliedAt),
              )
            },
            onBounced: (bouncedAt) => context.schedule(bouncedAt, SECOND_MS, end('bounced', stepNumber)),
            onUnsubscribed: (unsubscribedAt) =>
              context.schedule(unsubscribedAt, SECOND_MS, end('unsubscribed', stepNumber)),
          },
        ),
      )
      if (random.chance(EXIT_SHARE)) context.schedule(executedAt, random.logNormal(DAY_MS), end('exited', stepNumber))
      const isLast = stepNumber === sequence.templates.length
      context.schedule(
        executedAt,
        DAY_MS * random.between(2, 4),
        isLast ? end('completed', stepNumber) : execute(stepNumber + 1),
      )
      return context.createEvent('sequence.step.executed', executedAt, {
        ...enrollment,
        channel: template.channel,
        stepNumber,
      })
    }

  context.schedule(at, random.logNormal(HOUR_MS), execute(1))
  const stepEvents = sequence.templates.map((template) => 1 + expectedMessageEvents(template))
  // About one enrollment in ten ends at each step.
  const expectedEvents = 2 + stepEvents.reduce((total, events, position) => total + events * 0.9 ** position, 0)
  return { firstEvent: context.createEvent('sequence.enrollment.started', at, enrollment), expectedEvents }
}
