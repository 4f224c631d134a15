/** The routes of funnels. */
import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { FunnelRequest } from '../../analytics/funnels/funnel-request.ts'
import { FunnelData } from '../../analytics/funnels/funnel-response.ts'
import { FunnelMembersRequest } from '../../analytics/funnels/members/member-request.ts'
import { FunnelPresetsData, funnelPresets } from '../../analytics/funnels/presets.ts'
import { FunnelMembersData } from '../../analytics/funnels/members/read-members.ts'
import { object } from '../../analytics/schemas.ts'
import { requireScope } from '../auth/authenticator.ts'
import { QueryParameters } from '../custom-query/query-file.ts'
import { type ResponseMeta, responsesOf, responsesToBody } from '../dashboards/dashboard-responses.ts'
import type { DashboardServices } from '../dashboards/serve-dashboard.ts'
import type { DrillDownServices } from '../drill-down/drill-down-services.ts'
import { strictBody } from '../pipeline/json-body.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import { strictQuery } from '../pipeline/strict-query.ts'
import { ROUTES } from '../routes.ts'
import { serveFunnel } from './serve-funnel.ts'
import { serveFunnelMembers } from './serve-members.ts'

const TAGS = ['Funnels']

const NoParameters = object({}, 'No parameters.')
const PresetParameters = object(
  {
    sequenceId: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The sequence of the presets that go step by step; without it they are those of all sequences.',
        examples: ['sequence-1'],
      }),
    ),
    steps: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000,
        description: 'How many steps the sequence has; the presets show at most six of them.',
        examples: [3],
      }),
    ),
  },
  'The sequence of presets.',
)

/** The responses are made as bytes: their types are those of the schemas. */
export const funnelRoutes = (services: DashboardServices & DrillDownServices) =>
  new Elysia()
    .post(ROUTES.funnels.path, (context) => serveFunnel(context, services) as never, {
      parse: 'none',
      body: FunnelRequest,
      query: QueryParameters,
      transform: [strictQuery(QueryParameters), strictBody(FunnelRequest, ROUTES.funnels.access)],
      response: responsesToBody(FunnelData),
      detail: {
        operationId: 'funnel',
        tags: TAGS,
        summary: 'Steps of messages, contacts, enrollments or runs',
        description:
          'How many entities reach each step of a funnel, in what time, and where they drop off; by the values of a dimension and over time. An entity counts once, by its deepest attempt. Each number has `drill`, the request for its members. As a file it has a row for each step; files need `analytics:export` too.',
      },
    })
    .post(ROUTES.funnelMembers.path, (context) => serveFunnelMembers(context, services) as never, {
      parse: 'none',
      body: FunnelMembersRequest,
      query: NoParameters,
      transform: [strictQuery(NoParameters), strictBody(FunnelMembersRequest, ROUTES.funnelMembers.access)],
      response: responsesToBody(FunnelMembersData),
      detail: {
        operationId: 'funnelMembers',
        tags: TAGS,
        summary: 'Members of a funnel',
        description:
          'The messages, contacts, enrollments or runs behind a number of a funnel: its request with `member`, and with `asOf` of its response for exactly the same number.',
      },
    })
    .get(
      ROUTES.funnelPresets.path,
      ({ request, query }) => {
        const { principal, correlationId } = authenticatedContextOf(request)
        requireScope(principal, ROUTES.funnelPresets.access)
        const { sequenceId, steps } = query
        const meta: ResponseMeta = {
          correlationId,
          asOf: new Date(services.clock.now()).toISOString(),
          timezone: 'UTC',
        }
        return { success: true as const, data: { presets: [...funnelPresets(sequenceId, steps)] }, meta }
      },
      {
        query: PresetParameters,
        transform: strictQuery(PresetParameters),
        response: responsesOf(FunnelPresetsData),
        detail: {
          operationId: 'funnelPresets',
          tags: TAGS,
          summary: 'Presets of funnels',
          description: 'Funnels that can be requested as they are; a client adds its range.',
        },
      },
    )
