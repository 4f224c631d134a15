import type { SimulatedEvent } from '../simulated-event.ts'
import { expectedMessageEvents, sendMessage } from './message.ts'
import { dayMs, hourMs, secondMs } from './scenario-context.ts'
import type { ScenarioStart, ScenarioContext } from './scenario-context.ts'

/** How likely somebody takes the contact out by hand at a step. */
const exitShare = 0.02

/**
 * An enrollment in a sequence: started, then a step every few days, each with its message, until the contact replies (to the step
 * it got last), unsubscribes, bounces or is taken out, or the steps are done. After its end nothing more is executed.
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
      context.schedule(executedAt, random.logNormal(2 * secondMs), (sentAt) =>
        sendMessage(
          context,
          sentAt,
          { template, contactId, source },
          {
            onDelivered(deliveredAt) {
              const replyShare = stepNumber === 1 ? sequence.replyShare : sequence.replyShare / 2
              if (!random.chance(replyShare)) return
              // An answer that comes after the next step went out is an answer to that one.
              context.schedule(deliveredAt, random.logNormal(8 * hourMs), (repliedAt) =>
                end('replied', lastStep)(repliedAt),
              )
            },
            onBounced: (bouncedAt) => context.schedule(bouncedAt, secondMs, end('bounced', stepNumber)),
            onUnsubscribed: (leftAt) => context.schedule(leftAt, secondMs, end('unsubscribed', stepNumber)),
          },
        ),
      )
      if (random.chance(exitShare)) context.schedule(executedAt, random.logNormal(dayMs), end('exited', stepNumber))
      const isLast = stepNumber === sequence.templates.length
      context.schedule(
        executedAt,
        dayMs * random.between(2, 4),
        isLast ? end('completed', stepNumber) : execute(stepNumber + 1),
      )
      return context.createEvent('sequence.step.executed', executedAt, {
        ...enrollment,
        channel: template.channel,
        stepNumber,
      })
    }

  context.schedule(at, random.logNormal(hourMs), execute(1))
  const stepEvents = sequence.templates.map((template) => 1 + expectedMessageEvents(template))
  // About one enrollment in ten ends at each step.
  const expectedEvents = 2 + stepEvents.reduce((total, events, position) => total + events * 0.9 ** position, 0)
  return { firstEvent: context.createEvent('sequence.enrollment.started', at, enrollment), expectedEvents }
}
