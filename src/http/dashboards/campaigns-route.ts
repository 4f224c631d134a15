import { Elysia } from 'elysia'
import {
  campaignsDashboard,
  Campaigns,
  CampaignsPage,
  CampaignsParameters,
} from '../../analytics/dashboards/campaigns.ts'
import { serveDashboard, responsesOf, type DashboardServices } from './serve-dashboard.ts'
import { withExportParameters } from '../export/export-parameters.ts'
import { strictQuery } from '../pipeline/strict-query.ts'

const route = {
  name: 'campaigns',
  preset: '30d',
  dashboard: campaignsDashboard,
  schema: Campaigns,
  mainTable: 'topCampaigns',
} as const
export const campaignsParameters = withExportParameters(CampaignsParameters, route)

export const campaignsRoute = (services: DashboardServices) =>
  new Elysia().get('/campaigns', (context) => serveDashboard(context, route, services), {
    query: campaignsParameters,
    transform: strictQuery(campaignsParameters),
    response: responsesOf(CampaignsPage),
    detail: {
      operationId: 'campaigns',
      tags: ['Dashboards'],
      summary: 'Campaigns',
      description: 'Counts of campaigns and their recipients, and the campaigns with the most messages sent.',
    },
  })
