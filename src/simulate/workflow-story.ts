import { expectedMessageEvents, sendMessage } from './message-story.ts'
import { hourMs, minuteMs } from './scene.ts'
import type { Opening, Scene } from './scene.ts'

const messageShare = 0.7
/** Runs that are still waiting for something when the story ends. */
const unfinishedShare = 0.06
const failureReasons = ['condition could not be evaluated', 'webhook timed out', 'template missing', 'contact deleted']

/** A workflow run: started, often a message, then failed, or its goal perhaps reached and completed. */
export function startWorkflowRun(scene: Scene, at: number): Opening {
  const { random, tenant } = scene
  const workflow = random.pick(tenant.workflows)
  const contactId = random.pick(tenant.contacts)
  const run = {
    runId: `run-${random.hex()}${random.hex()}`,
    workflowId: workflow.id,
    workflowName: workflow.name,
    contactId,
  }
  const source = { type: 'workflow' as const, id: workflow.id, name: workflow.name }

  if (random.chance(messageShare)) {
    scene.after(at, random.around(5 * minuteMs), (sentAt) =>
      sendMessage(scene, sentAt, { template: workflow.template, contactId, source }),
    )
  }
  const fate = random.fraction()
  if (fate < workflow.failureShare) {
    scene.after(at, random.around(20 * minuteMs), (failedAt) => {
      const reason = random.pick(failureReasons)
      // Producers report a failed run in either of two ways.
      return random.chance(0.4)
        ? scene.event('workflow.run.completed', failedAt, { ...run, status: 'failed', reason })
        : scene.event('workflow.run.failed', failedAt, { ...run, reason })
    })
  } else if (fate < 1 - unfinishedShare) {
    const complete = (completedAt: number) =>
      scene.event('workflow.run.completed', completedAt, { ...run, status: 'completed' })
    if (random.chance(workflow.goalShare)) {
      scene.after(at, random.around(8 * hourMs), (reachedAt) => {
        scene.after(reachedAt, random.around(hourMs), complete)
        return scene.event('workflow.run.goal_reached', reachedAt, {
          ...run,
          goal: random.pick(['purchase', 'reply', 'sign-up']),
        })
      })
    } else scene.after(at, random.around(12 * hourMs), complete)
  }
  return {
    event: scene.event('workflow.run.started', at, {
      ...run,
      trigger: random.pick(['form', 'tag added', 'schedule', 'purchase']),
    }),
    expectedEvents: 2 - unfinishedShare + workflow.goalShare + messageShare * expectedMessageEvents(workflow.template),
  }
}
