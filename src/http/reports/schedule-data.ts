/** The responses about schedules. */
import { type Static, Type } from '@sinclair/typebox'
import { choice, object } from '../../analytics/schemas.ts'
import type { Definition } from '../../definitions/ports.ts'
import { plannedInstants } from '../../reports/schedule/planned-instants.ts'
import { type Schedule, ScheduleRequest } from '../../reports/schedule/schedule.ts'
import { definitionFields, definitionProperties } from '../definitions/definition-responses.ts'

const SHOWN_RUNS = 12

export const SchedulePath = object(
  { scheduleId: Type.String({ minLength: 1, description: 'The id of the schedule.', examples: ['schedule-1'] }) },
  'The path of a schedule.',
)

export const ScheduleData = object(
  {
    ...definitionProperties(),
    ...Type.Required(ScheduleRequest).properties,
    nextRuns: Type.Array(Type.String({ format: 'date-time' }), {
      description: `The next ${SHOWN_RUNS} instants at which the schedule runs (UTC, ISO 8601); none while it is disabled.`,
    }),
    disabledReason: Type.Union([Type.String(), Type.Null()], {
      description: 'Why the service has disabled the schedule; null where it has not.',
    }),
    delivery: choice(
      ['configured', 'not configured'],
      'Whether the service can send mails: without `SMTP_URL` schedules are stored and nothing is sent.',
    ),
  },
  'A schedule as it is stored.',
  'Schedule',
)

export const ScheduleListData = object(
  { schedules: Type.Array(ScheduleData, { description: 'All schedules of the tenant, the oldest first.' }) },
  'The schedules of the tenant.',
  'ScheduleList',
)

export type ScheduleData = Static<typeof ScheduleData>
export type ScheduleListData = Static<typeof ScheduleListData>

export interface ScheduleView {
  /** The present, epoch milliseconds. */
  readonly now: number
  readonly isDeliveryConfigured: boolean
}

export function scheduleDataOf(definition: Definition<Schedule>, { now, isDeliveryConfigured }: ScheduleView) {
  const { savedAt, disabledReason = null, ...schedule } = definition.body
  const runs = schedule.enabled ? plannedInstants(schedule, Math.max(now, savedAt), SHOWN_RUNS) : []
  return {
    ...definitionFields(definition),
    ...schedule,
    nextRuns: runs.map((instant) => new Date(instant).toISOString()),
    disabledReason,
    delivery: isDeliveryConfigured ? ('configured' as const) : ('not configured' as const),
  }
}
