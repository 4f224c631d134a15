/** Answers the requests for schedules. */
import type { Definition } from '../../definitions/ports.ts'
import type { ReportStore } from '../../reports/report.ts'
import {
  type Schedule,
  scheduleMistakes,
  type ScheduleRequest,
  type ScheduleStore,
} from '../../reports/schedule/schedule.ts'
import { invalidBody } from '../pipeline/json-body.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import { ROUTES } from '../routes.ts'
import {
  answered,
  authorizedFor,
  type DefinitionContext,
  type DefinitionServices,
  entityTagOf,
  expectedRevision,
  requireFound,
  sendDefinition,
} from './definition-requests.ts'
import { scheduleDataOf } from './schedule-data.ts'

export interface ScheduleServices extends DefinitionServices {
  readonly reports: ReportStore
  readonly schedules: ScheduleStore
  /** Whether mails can be sent. */
  readonly isDeliveryConfigured: boolean
}

export interface ScheduleContext extends DefinitionContext {
  readonly params: { readonly scheduleId: string }
}

/** The body has been checked by the schema. */
interface WithBody {
  readonly body: ScheduleRequest
}

const KIND = 'schedule'

export function serveScheduleList(context: DefinitionContext, services: ScheduleServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.schedules.access)
  return answered(KIND, async () => {
    const view = viewOf(services)
    const schedules = services.schedules
      .list(authorization.principal.tenantId)
      .map((schedule) => scheduleDataOf(schedule, view))
    return sendDefinition(context, services, authorization, { schedules })
  })
}

export function serveNewSchedule(context: DefinitionContext & WithBody, services: ScheduleServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.schedules.changeAccess)
  const { tenantId } = authorization.principal
  return answered(KIND, async () => {
    const schedule = await storableSchedule(services, tenantId, context.body)
    return sendSchedule(context, services, await services.schedules.create(tenantId, schedule), 201)
  })
}

export function serveSchedule(context: ScheduleContext, services: ScheduleServices): Promise<Response> {
  const { principal } = authorizedFor(context.request, ROUTES.schedule.access)
  return answered(KIND, async () =>
    sendSchedule(context, services, await findSchedule(services, principal.tenantId, context)),
  )
}

export function serveScheduleChange(
  context: ScheduleContext & WithBody,
  services: ScheduleServices,
): Promise<Response> {
  const { principal } = authorizedFor(context.request, ROUTES.schedule.changeAccess)
  const { tenantId } = principal
  return answered(KIND, async () => {
    const current = await findSchedule(services, tenantId, context)
    const revision = expectedRevision(context.request, current)
    const { disabledReason } = current.body
    const schedule = await storableSchedule(services, tenantId, context.body)
    const changed = {
      ...schedule,
      // A schedule that stays disabled keeps the reason.
      ...(!schedule.enabled && disabledReason !== undefined && { disabledReason }),
    }
    return sendSchedule(context, services, await services.schedules.replace(tenantId, current.id, changed, revision))
  })
}

export function serveScheduleRemoval(context: ScheduleContext, services: ScheduleServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.schedule.changeAccess)
  const { tenantId } = authorization.principal
  return answered(KIND, async () => {
    const current = await findSchedule(services, tenantId, context)
    await services.schedules.remove(tenantId, current.id, expectedRevision(context.request, current))
    return sendDefinition(context, services, authorization, { id: current.id })
  })
}

/** The schedule of a request. Throws NOT_FOUND, also when it is another tenant's. */
export async function findSchedule(
  { schedules }: Pick<ScheduleServices, 'schedules'>,
  tenantId: string,
  { params }: Pick<ScheduleContext, 'params'>,
): Promise<Definition<Schedule>> {
  return requireFound(await schedules.find(tenantId, params.scheduleId), KIND)
}

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

function sendSchedule(
  context: DefinitionContext,
  services: ScheduleServices,
  schedule: Definition<Schedule>,
  status = 200,
): Promise<Response> {
  const data = scheduleDataOf(schedule, viewOf(services))
  const options = { etag: entityTagOf(schedule), status }
  return sendDefinition(context, services, authenticatedContextOf(context.request), data, options)
}

function viewOf({ clock, isDeliveryConfigured }: ScheduleServices) {
  return { now: clock.now(), isDeliveryConfigured }
}
