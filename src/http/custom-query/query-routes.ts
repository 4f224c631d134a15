import { Elysia } from 'elysia'
import { QueryRequest } from '../../analytics/custom-query/query-request.ts'
import { QUERY_SCHEMA, QueryData, QuerySchemaData } from '../../analytics/custom-query/query-response.ts'
import { requireScope } from '../auth/authenticator.ts'
import { type ResponseMeta, responsesOf, responsesToBody } from '../dashboards/dashboard-responses.ts'
import type { DashboardServices } from '../dashboards/serve-dashboard.ts'
import { strictBody } from '../pipeline/json-body.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import { strictQuery } from '../pipeline/strict-query.ts'
import { object } from '../../analytics/schemas.ts'
import { ROUTES } from '../routes.ts'
import { QueryParameters } from './query-file.ts'
import { serveQuery } from './serve-query.ts'

const NoParameters = object({}, 'No parameters.')

/** The routes of queries. */
export const queryRoutes = (services: DashboardServices) =>
  new Elysia()
    .post(ROUTES.query.path, (context) => serveQuery(context, services) as never, {
      parse: 'none',
      body: QueryRequest,
      query: QueryParameters,
      transform: [strictQuery(QueryParameters), strictBody(QueryRequest, ROUTES.query.access)],
      response: responsesToBody(QueryData),
      detail: {
        operationId: 'query',
        tags: ['Query'],
        summary: 'Metrics by dimensions',
        description:
          'Any metrics of the registry by up to three dimensions and by time, filtered, compared, ordered and in pages. A metric with a dimension that it cannot be divided by is refused with both names. As a file it holds all rows; files need `analytics:export` too.',
      },
    })
    .get(
      ROUTES.querySchema.path,
      ({ request }) => {
        const { principal, correlationId } = authenticatedContextOf(request)
        requireScope(principal, ROUTES.querySchema.access)
        const meta: ResponseMeta = {
          correlationId,
          asOf: new Date(services.clock.now()).toISOString(),
          timezone: 'UTC',
        }
        return { success: true as const, data: QUERY_SCHEMA, meta }
      },
      {
        query: NoParameters,
        transform: strictQuery(NoParameters),
        response: responsesOf(QuerySchemaData),
        detail: {
          operationId: 'querySchema',
          tags: ['Query'],
          summary: 'What queries may ask for',
          description: 'Every metric with its unit, definition and dimensions, every dimension, and the limits.',
        },
      },
    )
