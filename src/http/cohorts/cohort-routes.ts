import { Elysia } from 'elysia'
import { CohortRequest } from '../../analytics/cohorts/cohort-request.ts'
import { CohortData, CohortMembersData } from '../../analytics/cohorts/cohort-response.ts'
import { CohortMembersRequest } from '../../analytics/cohorts/member-request.ts'
import { responsesToBody } from '../dashboards/dashboard-responses.ts'
import { QueryParameters } from '../custom-query/query-file.ts'
import type { DashboardServices } from '../dashboards/serve-dashboard.ts'
import type { DrillDownServices } from '../drill-down/drill-down-services.ts'
import { NoParameters } from '../drill-down/search-requests.ts'
import { strictBody } from '../pipeline/json-body.ts'
import { strictQuery } from '../pipeline/strict-query.ts'
import { ROUTES } from '../routes.ts'
import { serveCohortMembers } from './serve-cohort-members.ts'
import { serveCohorts } from './serve-cohorts.ts'

const TAGS = ['Cohorts']

/** The routes of cohorts. The responses are made as bytes: their types are those of the schemas. */
export const cohortRoutes = (services: DashboardServices & DrillDownServices) =>
  new Elysia()
    .post(ROUTES.cohorts.path, (context) => serveCohorts(context, services) as never, {
      parse: 'none',
      body: CohortRequest,
      query: QueryParameters,
      transform: [strictQuery(QueryParameters), strictBody(CohortRequest, ROUTES.cohorts.access)],
      response: responsesToBody(CohortData),
      detail: {
        operationId: 'cohorts',
        tags: TAGS,
        summary: 'Cohorts',
        description:
          'Decay of engagement: in which period after their sending messages were first opened or clicked. Retention: in which later days, weeks or months contacts returned. As a file it has a row for each cell; files need `analytics:export` too.',
      },
    })
    .post(ROUTES.cohortMembers.path, (context) => serveCohortMembers(context, services) as never, {
      parse: 'none',
      body: CohortMembersRequest,
      query: NoParameters,
      transform: [strictQuery(NoParameters), strictBody(CohortMembersRequest, ROUTES.cohortMembers.access)],
      response: responsesToBody(CohortMembersData),
      detail: {
        operationId: 'cohortMembers',
        tags: TAGS,
        summary: 'Members of a cohort',
        description:
          'The messages or contacts of a cohort or of one of its cells, paged. Their number is the one of the cohort or cell: the body is that of the `drill` of a cohort, with `period` in `member` for a cell.',
      },
    })
