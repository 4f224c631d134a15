import { Elysia } from 'elysia'
import { campaigns, Campaigns, CampaignsPage, CampaignsParameters } from '../analytics/campaigns.ts'
import { answerDashboard, answersOf, type DashboardServices } from './answer.ts'
import { withFileParameters } from './files/file-parameters.ts'
import { readStrictly } from './parameters.ts'

const route = {
  name: 'campaigns',
  preset: '30d',
  dashboard: campaigns,
  schema: Campaigns,
  mainTable: 'topCampaigns',
} as const
export const campaignsParameters = withFileParameters(CampaignsParameters, route)

export const campaignsRoute = (services: DashboardServices) =>
  new Elysia().get('/campaigns', (context) => answerDashboard(context, route, services), {
    query: campaignsParameters,
    transform: readStrictly(campaignsParameters),
    response: answersOf(CampaignsPage),
    detail: {
      operationId: 'campaigns',
      tags: ['Dashboards'],
      summary: 'Campaigns',
      description: 'Counts of campaigns and their recipients, and the campaigns with the most messages sent.',
    },
  })
