import { expectedMessageEvents, sendMessage } from './message.ts'
import { hourMs, minuteMs } from './scenario-context.ts'
import type { ScenarioStart, ScenarioContext } from './scenario-context.ts'

const messageShare = 0.7
/** Runs that are still waiting for something when the story ends. */
const unfinishedShare = 0.06
const failureReasons = ['condition could not be evaluated', 'webhook timed out', 'template missing', 'contact deleted']

/** A workflow run: started, often a message, then failed, or its goal perhaps reached and completed. */
export function startWorkflowRun(context: ScenarioContext, at: number): ScenarioStart {
  const { random, tenant } = context
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
    context.schedule(at, random.logNormal(5 * minuteMs), (sentAt) =>
      sendMessage(context, sentAt, { template: workflow.template, contactId, source }),
    )
  }
  const outcome = random.fraction()
  if (outcome < workflow.failureShare) {
    context.schedule(at, random.logNormal(20 * minuteMs), (failedAt) => {
      const reason = random.pick(failureReasons)
      // Producers report a failed run in either of two ways.
      return random.chance(0.4)
        ? context.createEvent('workflow.run.completed', failedAt, { ...run, status: 'failed', reason })
        : context.createEvent('workflow.run.failed', failedAt, { ...run, reason })
    })
  } else if (outcome < 1 - unfinishedShare) {
    const complete = (completedAt: number) =>
      context.createEvent('workflow.run.completed', completedAt, { ...run, status: 'completed' })
    if (random.chance(workflow.goalShare)) {
      context.schedule(at, random.logNormal(8 * hourMs), (reachedAt) => {
        context.schedule(reachedAt, random.logNormal(hourMs), complete)
        return context.createEvent('workflow.run.goal_reached', reachedAt, {
          ...run,
          goal: random.pick(['purchase', 'reply', 'sign-up']),
        })
      })
    } else context.schedule(at, random.logNormal(12 * hourMs), complete)
  }
  return {
    firstEvent: context.createEvent('workflow.run.started', at, {
      ...run,
      trigger: random.pick(['form', 'tag added', 'schedule', 'purchase']),
    }),
    expectedEvents: 2 - unfinishedShare + workflow.goalShare + messageShare * expectedMessageEvents(workflow.template),
  }
}
