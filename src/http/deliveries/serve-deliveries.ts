/** Answers the requests for deliveries of schedules. */
import { isMailAddress } from '../../base/addresses/mail-address.ts'
import { ApiFailure, invalidParameter } from '../../base/errors.ts'
import { DefinitionFailure } from '../../definitions/errors.ts'
import type { ScheduleDeliveries } from '../../reports/delivery/schedule-deliveries.ts'
import { invalidBody } from '../pipeline/json-body.ts'
import { answered, authorizedFor, sendDefinition } from '../definitions/definition-requests.ts'
import { type ScheduleContext, SCHEDULES, type ScheduleServices } from '../reports/serve-schedules.ts'
import { ROUTES } from '../routes.ts'
import { DEFAULT_PAGE, deliveryDataOf, type DeliveryListParameters, type TestRequest } from './delivery-data.ts'

export interface DeliveryServices extends ScheduleServices {
  readonly deliveries: ScheduleDeliveries
}

const KIND = 'schedule'
/** The ids that the service makes, which are cursors too. */
const DELIVERY_ID = /^[A-Za-z0-9_-]{1,128}$/
/** Running a report is a large query: a tenant runs one of them at a time. */
const TEST_COST = 5

export function serveDeliveryList(
  context: ScheduleContext & { readonly query: DeliveryListParameters },
  services: DeliveryServices,
): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.deliveries.access)
  const { tenantId } = authorization.principal
  const { limit = DEFAULT_PAGE, cursor } = context.query
  if (cursor !== undefined && !DELIVERY_ID.test(cursor))
    throw invalidParameter('cursor', 'Expected a cursor of this list.')
  return onBroker(async () => {
    const { id } = await SCHEDULES.find(services, tenantId, context)
    const { deliveries, next = null } = await services.deliveries.list(tenantId, id, limit, cursor)
    return sendDefinition(context, services, authorization, {
      deliveries: deliveries.map(deliveryDataOf),
      cursor: next,
    })
  })
}

export function serveResend(
  context: ScheduleContext & { readonly params: { readonly deliveryId: string } },
  services: DeliveryServices,
): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.resend.access)
  const { tenantId } = authorization.principal
  const { deliveryId } = context.params
  return onBroker(async () => {
    const { id } = await SCHEDULES.find(services, tenantId, context)
    requireConfigured(services)
    const found = DELIVERY_ID.test(deliveryId) ? await services.deliveries.resend(tenantId, id, deliveryId) : undefined
    if (!found) throw new ApiFailure('NOT_FOUND', 'There is no delivery with this id.')
    if (found.isOpen) throw new ApiFailure('CONFLICT', 'This delivery is being sent, or is tried again by itself.')
    return sendDefinition(context, services, authorization, deliveryDataOf(found.listed))
  })
}

export function serveTest(
  context: ScheduleContext & { readonly body: TestRequest },
  services: DeliveryServices,
): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.scheduleTest.access)
  const { tenantId } = authorization.principal
  const { recipient } = context.body
  if (!isMailAddress(recipient)) throw invalidBody([{ path: 'recipient', message: 'Expected a mail address.' }])
  return onBroker(async () => {
    const schedule = await SCHEDULES.find(services, tenantId, context)
    requireConfigured(services)
    const outcome = await services.limits.runQuery(tenantId, TEST_COST, () =>
      services.deliveries.sendTest(schedule, recipient, context.request.signal),
    )
    if (outcome?.status !== 'sent')
      // What a mail server says may name the recipient. Details are not logged.
      throw new ApiFailure(
        outcome?.status === 'failed' ? 'CONFLICT' : 'UNAVAILABLE',
        'The test was not sent.',
        outcome ? [{ path: 'recipient', message: outcome.error }] : [],
      )
    return sendDefinition(context, services, authorization, { status: 'sent' })
  })
}

function requireConfigured({ deliveries }: DeliveryServices): void {
  if (!deliveries.isConfigured)
    throw new ApiFailure('CONFLICT', 'The service cannot send mail: its operator has not set SMTP_URL.')
}

/** Runs a call that needs the broker; other failures than those that a client can act on mean that it does not respond. */
export async function onBroker<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await answered(KIND, call)
  } catch (error) {
    if (error instanceof ApiFailure || error instanceof DefinitionFailure) throw error
    throw new ApiFailure('UNAVAILABLE', 'Deliveries cannot be read or sent right now. Try again shortly.', [], error)
  }
}
