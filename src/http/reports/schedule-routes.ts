/** The routes of schedules. */
import { Elysia } from 'elysia'
import { ScheduleRequest } from '../../reports/schedule/schedule.ts'
import { NoParameters } from '../drill-down/search-requests.ts'
import { strictBody } from '../pipeline/json-body.ts'
import { strictQuery } from '../pipeline/strict-query.ts'
import { ROUTES } from '../routes.ts'
import {
  changingResponses,
  creatingResponses,
  readingResponses,
  removingResponses,
} from '../definitions/definition-responses.ts'
import { ScheduleData, ScheduleListData, SchedulePath } from './schedule-data.ts'
import { SCHEDULES, type ScheduleServices } from './serve-schedules.ts'

const TAGS = ['Schedules']

/** The responses are made as bytes: their types are those of the schemas. */
export const scheduleRoutes = (services: ScheduleServices) =>
  new Elysia()
    .get(ROUTES.schedules.path, (context) => SCHEDULES.list(context, services) as never, {
      query: NoParameters,
      transform: strictQuery(NoParameters),
      response: readingResponses(ScheduleListData),
      detail: {
        operationId: 'schedules',
        tags: TAGS,
        summary: 'Schedules',
        description: 'The schedules of the tenant, each with its next runs.',
      },
    })
    .post(ROUTES.schedules.path, (context) => SCHEDULES.create(context, services) as never, {
      parse: 'none',
      body: ScheduleRequest,
      query: NoParameters,
      transform: [strictQuery(NoParameters), strictBody(ScheduleRequest, ROUTES.schedules.changeAccess)],
      response: creatingResponses(ScheduleData),
      detail: {
        operationId: 'createSchedule',
        tags: TAGS,
        summary: 'Save a schedule',
        description:
          'Stores when and to whom a report is sent. It does not run for times before. A tenant may have 500 schedules. Needs `analytics:write`.',
      },
    })
    .get(ROUTES.schedule.path, (context) => SCHEDULES.read(context, services) as never, {
      params: SchedulePath,
      query: NoParameters,
      transform: strictQuery(NoParameters),
      response: readingResponses(ScheduleData),
      detail: {
        operationId: 'schedule',
        tags: TAGS,
        summary: 'One schedule',
        description: 'A schedule with its next runs. The header `ETag` names this version of it.',
      },
    })
    .put(ROUTES.schedule.path, (context) => SCHEDULES.replace(context, services) as never, {
      parse: 'none',
      params: SchedulePath,
      body: ScheduleRequest,
      query: NoParameters,
      transform: [strictQuery(NoParameters), strictBody(ScheduleRequest, ROUTES.schedule.changeAccess)],
      response: changingResponses(ScheduleData),
      detail: {
        operationId: 'changeSchedule',
        tags: TAGS,
        summary: 'Change a schedule',
        description:
          'Stores the next version of a schedule. The header `If-Match` has to name the version that it replaces. Needs `analytics:write`.',
      },
    })
    .delete(ROUTES.schedule.path, (context) => SCHEDULES.remove(context, services) as never, {
      params: SchedulePath,
      query: NoParameters,
      transform: strictQuery(NoParameters),
      response: removingResponses(),
      detail: {
        operationId: 'removeSchedule',
        tags: TAGS,
        summary: 'Remove a schedule',
        description:
          'Removes a schedule; it does not run any more. The header `If-Match` has to name its version. Needs `analytics:write`.',
      },
    })
