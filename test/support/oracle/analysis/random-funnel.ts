/** Random legal funnels. */
import { type DimensionName, DIMENSION_NAMES } from '../../../../src/analytics/dimensions.ts'
import type { Chance } from '../../base/random.ts'
import type { Funnel } from './funnel-answer.ts'
import type { Filter } from './query-answer.ts'
import { type FilterValues, randomFilter } from './random-query.ts'
import { dateOf, DAY_MS, localDay } from '../zone.ts'

const EVENTS: Readonly<Record<Funnel['entity'], readonly string[]>> = {
  message: ['message_sent', 'message_delivered', 'message_opened', 'message_clicked', 'message_bounced'],
  contact: ['message_sent', 'message_opened', 'message_clicked', 'contact_created', 'contact_updated'],
  enrollment: [
    'sequence_enrollment_started',
    'sequence_step_executed',
    'sequence_enrollment_replied',
    'message_opened',
  ],
  run: ['workflow_run_started', 'workflow_run_completed', 'workflow_run_goal_reached', 'message_sent'],
}
const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe']

export function randomFunnel(chance: Chance, nowMs: number, values: FilterValues): Funnel {
  const entity = chance.pick(['message', 'contact', 'enrollment', 'run'] as const)
  const timezone = chance.pick(ZONES)
  const selected = () => ({
    event: chance.pick(EVENTS[entity]),
    ...(chance.hits(0.3) ? { filter: randomFilter(chance, DIMENSION_NAMES, values, 0) } : {}),
  })
  const steps = Array.from({ length: 2 + chance.below(4) }, selected)
  const exclusions = Array.from({ length: chance.hits(0.4) ? 1 + chance.below(2) : 0 }, () => {
    const after = 1 + chance.below(steps.length - 1)
    return { ...selected(), after, before: after + 1 + chance.below(steps.length - after) }
  })
  return {
    entity,
    steps,
    order: chance.pick(['ordered', 'strict', 'any'] as const),
    ...(exclusions.length > 0 ? { exclusions } : {}),
    ...(chance.hits(0.4)
      ? { breakdown: { dimension: chance.pick(DIMENSION_NAMES), of: chance.pick(['entry', 'first', 'last'] as const) } }
      : {}),
    ...randomTimes(chance, nowMs, timezone),
  }
}

const NOT_MACHINE: Filter = { dimension: 'actorClass', operator: 'in', values: ['unknown', 'human'] }
/** What a message was when it was sent. */
const OF_SENDINGS: readonly DimensionName[] = [
  'channel',
  'campaign',
  'template',
  'recipientDomain',
  'hourOfDay',
  'dayOfWeek',
]

/** A funnel of the sending of messages, their delivery, opens and clicks, which follows from the facts of most messages. */
export function randomMessageChain(chance: Chance, nowMs: number, values: FilterValues): Funnel {
  const filter = chance.hits(0.3) ? { filter: randomFilter(chance, OF_SENDINGS, values, 0) } : {}
  const others = ['message_delivered', 'message_opened', 'message_clicked'].filter(() => chance.hits(0.7))
  if (chance.hits(0.2)) others.reverse()
  return {
    entity: 'message',
    steps: [
      { event: 'message_sent', ...filter },
      ...(others.length > 0 ? others : ['message_opened']).map((event) => ({
        event,
        ...(event !== 'message_delivered' && chance.hits(0.3) ? { filter: NOT_MACHINE } : {}),
      })),
    ],
    order: 'ordered',
    ...(chance.hits(0.4) ? { breakdown: { dimension: chance.pick(OF_SENDINGS), of: 'entry' } } : {}),
    ...randomTimes(chance, nowMs, chance.pick(ZONES)),
  }
}

function randomTimes(chance: Chance, nowMs: number, timezone: string) {
  const day = (daysAgo: number) => dateOf(localDay(nowMs, timezone) - daysAgo)
  return {
    window: chance.pick(['6h', '90m', '2d', '7d', '30d']),
    ...(chance.hits(0.4) ? { trend: chance.pick(['hour', 'day', 'week', 'month'] as const) } : {}),
    timezone,
    ...chance.pick([
      { timeRange: '30d' },
      { startDate: day(15), endDate: day(6) },
      {
        startDate: new Date(nowMs - 14.3 * DAY_MS).toISOString(),
        endDate: new Date(nowMs - 2.2 * DAY_MS).toISOString(),
      },
    ]),
  }
}
