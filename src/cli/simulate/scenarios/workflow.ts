import { HOUR_MS, MINUTE_MS } from '../../duration.ts'
import { expectedMessageEvents, sendMessage } from './message.ts'
import type { ScenarioStart, ScenarioContext } from './scenario-context.ts'

const MESSAGE_SHARE = 0.7
/** The share of runs that do not end. */
const UNFINISHED_SHARE = 0.06
const FAILURE_REASONS = ['condition could not be evaluated', 'webhook timed out', 'template missing', 'contact deleted']

/** A workflow run: started, often a message, then failed, or completed, perhaps after its goal was reached. */
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

  if (random.chance(MESSAGE_SHARE)) {
    context.schedule(at, random.logNormal(5 * MINUTE_MS), (sentAt) =>
      sendMessage(context, sentAt, { template: workflow.template, contactId, source }),
    )
  }
  const outcome = random.fraction()
  if (outcome < workflow.failureShare) {
    context.schedule(at, random.logNormal(20 * MINUTE_MS), (failedAt) => {
      const reason = random.pick(FAILURE_REASONS)
      // Producers report a failed run in either of two ways.
      return random.chance(0.4)
        ? context.createEvent('workflow.run.completed', failedAt, { ...run, status: 'failed', reason })
        : context.createEvent('workflow.run.failed', failedAt, { ...run, reason })
    })
  } else if (outcome < 1 - UNFINISHED_SHARE) {
    const complete = (completedAt: number) =>
      context.createEvent('workflow.run.completed', completedAt, { ...run, status: 'completed' })
    if (random.chance(workflow.goalShare)) {
      context.schedule(at, random.logNormal(8 * HOUR_MS), (reachedAt) => {
        context.schedule(reachedAt, random.logNormal(HOUR_MS), complete)
        return context.createEvent('workflow.run.goal_reached', reachedAt, {
          ...run,
          goal: random.pick(['purchase', 'reply', 'sign-up']),
        })
      })
    } else context.schedule(at, random.logNormal(12 * HOUR_MS), complete)
  }
  return {
    firstEvent: context.createEvent('workflow.run.started', at, {
      ...run,
      trigger: random.pick(['form', 'tag added', 'schedule', 'purchase']),
    }),
    expectedEvents:
      2 - UNFINISHED_SHARE + workflow.goalShare + MESSAGE_SHARE * expectedMessageEvents(workflow.template),
  }
}
