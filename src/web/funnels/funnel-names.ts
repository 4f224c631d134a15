import { EVENT_GROUPS, type EventGroup, eventName, eventsOf } from '../analysis/event-choices.ts'
import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import type { FunnelDefinition, FunnelEntity, FunnelStepDefinition } from './funnel-definition.ts'

/** The events that can have the id of the entity. */
const GROUPS: Readonly<Record<FunnelEntity, readonly EventGroup[]>> = {
  message: ['message'],
  contact: EVENT_GROUPS,
  enrollment: ['sequence', 'message'],
  run: ['workflow', 'message'],
}

export function eventGroupsOf(entity: FunnelEntity): readonly EventGroup[] {
  return GROUPS[entity]
}

/** The name of a step: its own, or that of its event. */
export function stepName({ name, event }: Pick<FunnelStepDefinition, 'name' | 'event'>): string {
  return name ?? eventName(event)
}

/** The name of a step of the result. In any order, it is how many of the events happened. */
export function shownStepName({ order, steps }: FunnelDefinition, index: number): string {
  if (order === 'any') return analysisTexts().funnel.anyOf(String(index + 1), String(steps.length))
  return stepName(steps[index]!)
}

/** The event of a new step: the first one that no step has yet. */
export function firstUnusedEvent({ entity, steps }: FunnelDefinition): string {
  const events = GROUPS[entity].flatMap(eventsOf)
  return events.find((event) => steps.every((step) => step.event !== event)) ?? events[0]!
}

/** The funnel with the steps that a followed entity usually goes through, where its steps belong to another one. */
export function funnelOfEntity(funnel: FunnelDefinition, entity: FunnelEntity): FunnelDefinition {
  const events = GROUPS[entity].flatMap(eventsOf)
  const isPossible = funnel.steps.every(({ event }) => events.includes(event))
  return {
    ...funnel,
    entity,
    ...(!isPossible && { steps: USUAL_STEPS[entity].map((event) => ({ event })), exclusions: [] }),
  }
}

const USUAL_STEPS: Readonly<Record<FunnelEntity, readonly string[]>> = {
  message: ['message_sent', 'message_delivered', 'message_opened', 'message_clicked'],
  contact: ['message_sent', 'message_opened', 'message_clicked'],
  enrollment: ['sequence_step_executed', 'sequence_enrollment_replied'],
  run: ['workflow_run_started', 'workflow_run_goal_reached'],
}
