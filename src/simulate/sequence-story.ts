import type { SimulatedEvent } from './event.ts'
import { expectedMessageEvents, sendMessage } from './message-story.ts'
import { dayMs, hourMs, secondMs } from './scene.ts'
import type { Opening, Scene } from './scene.ts'

/** How likely somebody takes the contact out by hand at a step. */
const exitShare = 0.02

/**
 * An enrollment in a sequence: started, then a step every few days, each with its message, until the contact replies (to the step
 * it got last), unsubscribes, bounces or is taken out, or the steps are done. After its end nothing more is executed.
 */
export function startEnrollment(scene: Scene, at: number): Opening {
  const { random, tenant } = scene
  const sequence = random.pick(tenant.sequences)
  const contactId = random.pick(tenant.contacts)
  const enrollment = {
    enrollmentId: `enr-${random.hex()}${random.hex()}`,
    sequenceId: sequence.id,
    sequenceName: sequence.name,
    contactId,
    userId: `user-${1 + random.below(6)}`,
  }
  const source = { type: 'sequence' as const, id: sequence.id, name: sequence.name }
  let hasEnded = false
  let lastStep = 0

  const end =
    (how: 'completed' | 'replied' | 'exited' | 'bounced' | 'unsubscribed', stepNumber: number) => (endedAt: number) => {
      if (hasEnded) return undefined
      hasEnded = true
      return scene.event(`sequence.enrollment.${how}`, endedAt, { ...enrollment, stepNumber })
    }

  const execute =
    (stepNumber: number) =>
    (executedAt: number): SimulatedEvent | undefined => {
      const template = sequence.templates[stepNumber - 1]
      if (hasEnded || !template) return undefined
      lastStep = stepNumber
      scene.after(executedAt, random.around(2 * secondMs), (sentAt) =>
        sendMessage(
          scene,
          sentAt,
          { template, contactId, source },
          {
            delivered(deliveredAt) {
              const replyShare = stepNumber === 1 ? sequence.replyShare : sequence.replyShare / 2
              if (!random.chance(replyShare)) return
              // An answer that comes after the next step went out is an answer to that one.
              scene.after(deliveredAt, random.around(8 * hourMs), (repliedAt) => end('replied', lastStep)(repliedAt))
            },
            bounced: (bouncedAt) => scene.after(bouncedAt, secondMs, end('bounced', stepNumber)),
            unsubscribed: (leftAt) => scene.after(leftAt, secondMs, end('unsubscribed', stepNumber)),
          },
        ),
      )
      if (random.chance(exitShare)) scene.after(executedAt, random.around(dayMs), end('exited', stepNumber))
      const isLast = stepNumber === sequence.templates.length
      scene.after(
        executedAt,
        dayMs * random.between(2, 4),
        isLast ? end('completed', stepNumber) : execute(stepNumber + 1),
      )
      return scene.event('sequence.step.executed', executedAt, { ...enrollment, channel: template.channel, stepNumber })
    }

  scene.after(at, random.around(hourMs), execute(1))
  const stepEvents = sequence.templates.map((template) => 1 + expectedMessageEvents(template))
  // About one enrollment in ten ends at each step.
  const expectedEvents = 2 + stepEvents.reduce((total, events, position) => total + events * 0.9 ** position, 0)
  return { event: scene.event('sequence.enrollment.started', at, enrollment), expectedEvents }
}
