/** Funnels that can be requested as they are. A client adds its range, and the sequence, campaign or workflow that it looks at as a filter. */
import { type Static, Type } from '@sinclair/typebox'
import type { FilterTree } from '../filter/filter-tree.ts'
import { object, text } from '../schemas.ts'
import { FunnelRequest } from './funnel-request.ts'

export const FunnelPreset = object(
  {
    id: text('The id'),
    name: text('The name for headings'),
    description: text('What it shows'),
    request: FunnelRequest,
  },
  'A funnel that can be requested as it is.',
  'FunnelPreset',
)
export type FunnelPreset = Static<typeof FunnelPreset>

export const FunnelPresetsData = object(
  { presets: Type.Array(FunnelPreset, { description: 'The presets, those for one sequence last.' }) },
  'The presets of funnels.',
  'FunnelPresets',
)

/** Steps of a sequence that have a preset step of their own: with the start and the replies, no more than a funnel may have. */
const MAX_SEQUENCE_STEPS = 6

const NOT_MACHINE: FilterTree = { dimension: 'actorClass', operator: 'in', values: ['human', 'unknown'] }
const HAS_CAMPAIGN: FilterTree = { dimension: 'campaign', operator: 'exists' }

const GENERAL: readonly FunnelPreset[] = [
  {
    id: 'message-lifecycle',
    name: 'Message lifecycle',
    description: 'What becomes of messages: sent, delivered, opened, clicked.',
    request: {
      entity: 'message',
      steps: [
        { event: 'message_sent', name: 'Sent' },
        { event: 'message_delivered', name: 'Delivered' },
        { event: 'message_opened', name: 'Opened' },
        { event: 'message_clicked', name: 'Clicked' },
      ],
      order: 'ordered',
      window: '7d',
    },
  },
  {
    id: 'campaign-to-click',
    name: 'Campaign to click',
    description: 'Messages of campaigns up to a click that is not a machine’s, by campaign.',
    request: {
      entity: 'message',
      steps: [
        { event: 'message_sent', name: 'Sent', filter: HAS_CAMPAIGN },
        { event: 'message_delivered', name: 'Delivered' },
        { event: 'message_clicked', name: 'Clicked', filter: NOT_MACHINE },
      ],
      order: 'ordered',
      window: '7d',
      breakdown: { dimension: 'campaign', of: 'entry' },
    },
  },
  {
    id: 'workflow-run-to-goal',
    name: 'Workflow run to goal',
    description: 'Runs of workflows that reach their goal, by workflow.',
    request: {
      entity: 'run',
      steps: [
        { event: 'workflow_run_started', name: 'Started' },
        { event: 'workflow_run_goal_reached', name: 'Goal reached' },
      ],
      order: 'ordered',
      window: '30d',
      breakdown: { dimension: 'workflow', of: 'entry' },
    },
  },
  {
    id: 'sequence-to-reply',
    name: 'Sequence to reply',
    description: 'Enrollments in sequences from the first executed step to a reply, by sequence.',
    request: {
      entity: 'enrollment',
      steps: [
        { event: 'sequence_step_executed', name: 'First step' },
        { event: 'sequence_enrollment_replied', name: 'Replied' },
      ],
      order: 'ordered',
      window: '90d',
      breakdown: { dimension: 'sequence', of: 'entry' },
    },
  },
]

/** The presets; with a sequence, also those of its steps. */
export function funnelPresets(sequenceId?: string, stepCount = MAX_SEQUENCE_STEPS): readonly FunnelPreset[] {
  const sequence: FilterTree[] =
    sequenceId === undefined ? [] : [{ dimension: 'sequence', operator: 'in', values: [sequenceId] }]
  const numbers = Array.from({ length: Math.min(MAX_SEQUENCE_STEPS, stepCount) }, (_, index) => index + 1)
  const executed = (step: number) => ({
    event: 'sequence_step_executed',
    name: `Step ${step}`,
    filter: allOf([...sequence, { dimension: 'step', operator: 'in', values: [step] }]),
  })
  const replied = {
    event: 'sequence_enrollment_replied',
    name: 'Replied',
    ...(sequence[0] ? { filter: sequence[0] } : {}),
  }
  return [
    ...GENERAL,
    {
      id: 'sequence-steps',
      name: 'Sequence step by step',
      description: 'Enrollments of a sequence from step to step.',
      request: {
        entity: 'enrollment',
        steps: numbers.length > 1 ? numbers.map(executed) : [executed(1), replied],
        order: 'ordered',
        window: '90d',
      },
    },
    ...numbers.map((step): FunnelPreset => ({
      id: `sequence-step-${step}-to-reply`,
      name: `Step ${step} to reply`,
      description: `Enrollments of a sequence that reply after step ${step} was executed, by the template of the step.`,
      request: {
        entity: 'enrollment',
        steps: [executed(step), replied],
        order: 'ordered',
        window: '90d',
        breakdown: { dimension: 'template', of: 'entry' },
      },
    })),
  ]
}

function allOf(filters: readonly FilterTree[]): FilterTree {
  return filters.length === 1 ? filters[0]! : { and: filters }
}
