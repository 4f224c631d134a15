/** The routes of deliveries of schedules. */
import { Elysia } from 'elysia'
import { responsesToBody } from '../dashboards/dashboard-responses.ts'
import { NoParameters } from '../drill-down/search-requests.ts'
import { ErrorResponse } from '../pipeline/error-response.ts'
import { strictBody } from '../pipeline/json-body.ts'
import { strictQuery } from '../pipeline/strict-query.ts'
import { readingResponses } from '../definitions/definition-responses.ts'
import { SchedulePath } from '../reports/schedule-data.ts'
import { ROUTES } from '../routes.ts'
import {
  DeliveryData,
  DeliveryListData,
  DeliveryListParameters,
  DeliveryPath,
  TestData,
  TestRequest,
} from './delivery-data.ts'
import { type DeliveryServices, serveDeliveryList, serveResend, serveTest } from './serve-deliveries.ts'

const TAGS = ['Schedules']

/** The responses are made as bytes: their types are those of the schemas. */
export const deliveryRoutes = (services: DeliveryServices) =>
  new Elysia()
    .get(ROUTES.deliveries.path, (context) => serveDeliveryList(context, services) as never, {
      params: SchedulePath,
      query: DeliveryListParameters,
      transform: strictQuery(DeliveryListParameters),
      response: readingResponses(DeliveryListData),
      detail: {
        operationId: 'deliveries',
        tags: TAGS,
        summary: 'Deliveries',
        description: 'The mails of a schedule of the last 90 days: to whom, when, and what became of them.',
      },
    })
    .post(ROUTES.resend.path, (context) => serveResend(context, services) as never, {
      parse: 'none',
      params: DeliveryPath,
      query: NoParameters,
      transform: strictQuery(NoParameters),
      response: { ...readingResponses(DeliveryData), 409: ErrorResponse },
      detail: {
        operationId: 'resend',
        tags: TAGS,
        summary: 'Send again',
        description:
          'Sends a settled delivery again, with the data of its planned instant. The response has the delivery as it was before. Needs `analytics:write`.',
      },
    })
    .post(ROUTES.scheduleTest.path, (context) => serveTest(context, services) as never, {
      parse: 'none',
      params: SchedulePath,
      body: TestRequest,
      query: NoParameters,
      transform: [strictQuery(NoParameters), strictBody(TestRequest, ROUTES.scheduleTest.access)],
      response: { ...responsesToBody(TestData), 404: ErrorResponse, 409: ErrorResponse },
      detail: {
        operationId: 'testSchedule',
        tags: TAGS,
        summary: 'Send a test',
        description:
          'Sends the report of now to one address, marked as a test, and answers when the mail server has taken it. It is not in the list of deliveries. Needs `analytics:write`.',
      },
    })
