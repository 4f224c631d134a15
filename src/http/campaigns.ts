import { Elysia } from 'elysia'
import { campaigns, Campaigns, CampaignsParameters } from '../analytics/campaigns.ts'
import { answerDashboard, answersOf, type DashboardDependencies } from './answer.ts'
import { readStrictly } from './parameters.ts'

const route = { name: 'campaigns', preset: '30d', dashboard: campaigns } as const

export const campaignsRoute = (dependencies: DashboardDependencies) =>
  new Elysia().get('/campaigns', ({ request, query }) => answerDashboard(request, query, route, dependencies), {
    query: CampaignsParameters,
    transform: readStrictly(CampaignsParameters),
    response: answersOf(Campaigns),
    detail: {
      operationId: 'campaigns',
      tags: ['Dashboards'],
      summary: 'Campaigns',
      description: 'How many campaigns ran and completed, whom they reached, and the ones that sent most.',
    },
  })
