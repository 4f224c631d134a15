/** Answers the requests for schedules. */
import type { ReportStore } from '../../reports/report.ts'
import {
  type Schedule,
  scheduleMistakes,
  type ScheduleRequest,
  type ScheduleStore,
} from '../../reports/schedule/schedule.ts'
import { invalidBody } from '../pipeline/json-body.ts'
import { ROUTES } from '../routes.ts'
import type { DefinitionServices } from '../definitions/definition-requests.ts'
import { type ItemContext, serveDefinitions } from '../definitions/serve-definitions.ts'
import { scheduleDataOf } from './schedule-data.ts'

export interface ScheduleServices extends DefinitionServices {
  readonly reports: ReportStore
  readonly schedules: ScheduleStore
  /** Whether mails can be sent. */
  readonly isDeliveryConfigured: boolean
}

export type ScheduleContext = ItemContext<'scheduleId'>

export const SCHEDULES = serveDefinitions<ScheduleServices, Schedule, ScheduleRequest, 'scheduleId'>({
  kind: 'schedule',
  collection: ROUTES.schedules,
  item: ROUTES.schedule,
  parameter: 'scheduleId',
  storeOf: ({ schedules }) => schedules,
  async storable(services, tenantId, request, current) {
    const schedule = await storableSchedule(services, tenantId, request)
    const disabledReason = current?.body.disabledReason
    // A schedule that stays disabled keeps the reason.
    return { ...schedule, ...(!schedule.enabled && disabledReason !== undefined && { disabledReason }) }
  },
  dataOf: (services, schedule) => scheduleDataOf(schedule, viewOf(services)),
  listOf(services, schedules) {
    const view = viewOf(services)
    return { schedules: schedules.map((schedule) => scheduleDataOf(schedule, view)) }
  },
})

/** The schedule of a request as it is stored. Rejects with a VALIDATION_ERROR that has the path of each mistake. */
async function storableSchedule(
  { reports, clock }: ScheduleServices,
  tenantId: string,
  request: ScheduleRequest,
): Promise<Schedule> {
  const mistakes = scheduleMistakes(request)
  if (mistakes.length > 0) throw invalidBody(mistakes)
  if (!(await reports.find(tenantId, request.reportId)))
    throw invalidBody([{ path: 'reportId', message: 'There is no report with this id.' }])
  const { attachments = [], skipIfEmpty = false, enabled = true } = request
  return { ...request, attachments, skipIfEmpty, enabled, savedAt: clock.now() }
}

function viewOf({ clock, isDeliveryConfigured }: ScheduleServices) {
  return { now: clock.now(), isDeliveryConfigured }
}
