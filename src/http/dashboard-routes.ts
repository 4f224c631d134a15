import { Elysia } from 'elysia'
import type { DashboardServices } from './answer.ts'
import { campaignsRoute } from './campaigns.ts'
import { messagesRoute } from './messages.ts'
import { overviewRoute } from './overview.ts'
import { sequencesRoute } from './sequences.ts'
import { templatesRoute } from './templates.ts'
import { trafficRoute } from './traffic.ts'
import { workflowsRoute } from './workflows.ts'

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
