import type { Static, TObject } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { ALL_DASHBOARDS, type DashboardName, type Dashboards } from '../../analytics/dashboards/dashboards.ts'
import { strictQuery } from '../pipeline/strict-query.ts'
import { API_PATH } from '../routes.ts'
import { DASHBOARD_PARAMETERS, type DashboardParameters } from './dashboard-parameters.ts'
import { responsesOf } from './dashboard-responses.ts'
import { type DashboardServices, serveDashboard } from './serve-dashboard.ts'

/** A route for each dashboard. */
export function dashboardRoutes(services: DashboardServices): DashboardRoutes {
  const routes = new Elysia({ prefix: API_PATH })
  for (const dashboard of ALL_DASHBOARDS) {
    const { name, responseData, docs } = dashboard
    const parameters: TObject = DASHBOARD_PARAMETERS[name as DashboardName]
    routes.get(`/${name}`, (context) => serveDashboard(context, dashboard, services), {
      query: parameters,
      transform: strictQuery(parameters),
      response: responsesOf(responseData),
      detail: { operationId: name, tags: ['Dashboards'], ...docs },
    })
  }
  return routes as unknown as DashboardRoutes
}

/** The routes with their paths, parameters and responses, which a loop does not add to the type. Typed clients read them. */
type DashboardRoutes =
  Elysia<typeof API_PATH> extends Elysia<infer Prefix, infer Singleton, infer Definitions, infer Metadata>
    ? Elysia<Prefix, Singleton, Definitions, Metadata, { api: { v1: { analytics: DashboardEndpoints } } }>
    : never

type DashboardEndpoints = {
  readonly [Name in DashboardName]: {
    get: {
      body: unknown
      params: object
      query: Static<DashboardParameters[Name]>
      headers: unknown
      response: StaticResponses<ReturnType<typeof responsesOf<Dashboards[Name]['responseData']>>>
    }
  }
}

type StaticResponses<Schemas> = {
  [Status in keyof Schemas]: Schemas[Status] extends TObject ? Static<Schemas[Status]> : never
}
