import { Elysia } from 'elysia'
import type { DashboardServices } from './serve-dashboard.ts'
import { campaignsRoute } from './campaigns-route.ts'
import { messagesRoute } from './messages-route.ts'
import { overviewRoute } from './overview-route.ts'
import { sequencesRoute } from './sequences-route.ts'
import { templatesRoute } from './templates-route.ts'
import { trafficRoute } from './traffic-route.ts'
import { workflowsRoute } from './workflows-route.ts'

/** All dashboards. */
export const dashboardRoutes = (services: DashboardServices) =>
  new Elysia({ prefix: '/api/v1/analytics' })
    .use(overviewRoute(services))
    .use(messagesRoute(services))
    .use(campaignsRoute(services))
    .use(workflowsRoute(services))
    .use(sequencesRoute(services))
    .use(templatesRoute(services))
    .use(trafficRoute(services))
