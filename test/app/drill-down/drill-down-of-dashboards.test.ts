import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { DashboardName, DataOf } from '../../../src/analytics/dashboards/dashboards.ts'
import type { Drill } from '../../../src/analytics/drill-down/drill.ts'
import { itemKeys } from '../../../src/analytics/drill-down/drill.ts'
import { type EngagementCountName, ENGAGEMENT_COUNTS } from '../../../src/analytics/engagement/engagement-metrics.ts'
import { drillsOf } from '../../../src/web/drill-down/drills.ts'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { token } from '../../support/http/tokens.ts'
import { queryFeed } from '../../support/traffic/query-feed.ts'

const TENANT = 'tenant-1'
const ROOT = 'http://localhost/api/v1/analytics'
const RANGE = 'timeRange=30d&timezone=Europe/Berlin'

type Bucket = DataOf<'messages'>['timeSeries'][number]
/** A page of a search. */
interface FoundData {
  readonly events?: readonly unknown[]
  readonly messages?: readonly unknown[]
  readonly cursor: string | null
}
interface Engaged {
  readonly engagement: Readonly<Record<EngagementCountName, number>>
}

const ENGAGEMENT = Object.keys(ENGAGEMENT_COUNTS) as EngagementCountName[]

/** The numbers behind which the page looks with the drill of a whole response, the way it does that. */
describe('the drill of a dashboard', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp({ TENANT_REQUESTS_PER_SECOND: '0' })
    await app.store(queryFeed(Date.now(), TENANT))
  }, 120_000)
  afterAll(() => app?.close(), 30_000)

  const headersOf = () => ({
    'content-type': 'application/json',
    authorization: `Bearer ${token(app.secret, { tenantId: TENANT })}`,
  })
  async function dataOf<Name extends DashboardName>(query: `${Name}?${string}`) {
    const response = await app.fetch(`${ROOT}/${query}`, { headers: headersOf() })
    return ((await response.json()) as { data: DataOf<Name> & { readonly drill: Drill } }).data
  }
  async function countOf({ path, body }: Drill): Promise<number> {
    let count = 0
    for (let cursor: string | null | undefined; cursor !== null;) {
      const request = { method: 'POST', headers: headersOf(), body: JSON.stringify({ ...body, limit: 1_000, cursor }) }
      const { data } = (await (await app.fetch(ROOT + path, request)).json()) as { data: FoundData }
      count += (data.events ?? data.messages)!.length
      ;({ cursor } = data)
    }
    return count
  }

  /** The numbers of a response whose drill shows another number of events or messages. */
  async function mistakesOf(
    data: { readonly drill: Drill },
    numbers: readonly (readonly [metric: string, value: number, part?: object | undefined])[],
  ): Promise<string[]> {
    const drills = drillsOf(data.drill)
    const mistakes: string[] = []
    let compared = 0
    for (const [metric, value, part] of numbers) {
      const drill = drills.of(metric, { value, ...part })
      if (!drill) continue
      compared++
      const count = await countOf(drill)
      if (count !== value) mistakes.push(`${metric} ${JSON.stringify(part)}: ${count} of ${value}`)
    }
    expect(compared).toBeGreaterThan(0)
    return mistakes
  }
  const engagementOf = ({ engagement }: Engaged, part?: object) =>
    ENGAGEMENT.map((name) => [name, engagement[name], part] as const)

  test('is that of all numbers of messages, with a filter and where the range is cut', async () => {
    const data = await dataOf(`messages?${RANGE}&channel=email&compare=previous`)
    const [first, second] = data.timeSeries.slice(-8, -6) as [Bucket, Bucket]
    const bucket = { start: Date.parse(first.timestamp), end: Date.parse(second.timestamp) - 1 }
    const row = data.byChannel[0]!
    const keys = itemKeys('channel', row.channel)
    expect(
      await mistakesOf(data, [
        ...Object.entries(data.summary),
        ...engagementOf(data),
        ['sent', first.sent, { range: bucket }],
        ['humanOpens', first.engagement.humanOpens, { range: bucket }],
        ['humanClicks', row.engagement.humanClicks, { keys }],
      ]),
    ).toEqual([])
  }, 120_000)

  test('is that of campaigns and templates, of which messages without any do not count', async () => {
    const campaigns = await dataOf(`campaigns?${RANGE}`)
    const campaign = campaigns.topCampaigns[0]!
    const keys = itemKeys('campaign', campaign.campaignId)
    const sent = campaigns.timeSeries.reduce((sum, day) => sum + day.sent, 0)
    expect(
      await mistakesOf(campaigns, [
        ...engagementOf(campaigns).slice(0, 2),
        ...engagementOf(campaign, { keys }).slice(0, 2),
        ['sent', sent],
      ]),
    ).toEqual([])
    const templates = await dataOf(`templates?${RANGE}`)
    const template = templates.topTemplates[0]!
    const templateKeys = itemKeys('template', template.templateId)
    expect(await mistakesOf(templates, engagementOf(template, { keys: templateKeys }).slice(0, 2))).toEqual([])
  }, 120_000)

  test('is that of runs, steps and sending times', async () => {
    const workflows = await dataOf(`workflows?${RANGE}`)
    const workflow = workflows.topWorkflows[0]!
    const keys = itemKeys('workflow', workflow.workflowId)
    const { totalRuns, completedRuns, failedRuns, goalReachedRuns } = workflows.summary
    expect(
      await mistakesOf(workflows, [
        ['runs', totalRuns],
        ['runsCompleted', completedRuns],
        ['runsFailed', failedRuns],
        ['runsGoalReached', goalReachedRuns],
        ['runs', workflow.runs, { keys }],
      ]),
    ).toEqual([])
    const sequences = await dataOf(`sequences?${RANGE}`)
    const steps = sequences.stepFunnel
    expect(
      await mistakesOf(
        sequences,
        steps
          .slice(0, 2)
          .map(({ stepNumber, executed }) => ['stepsExecuted', executed, { keys: { step: stepNumber } }] as const),
      ),
    ).toEqual([])
    const traffic = await dataOf(`traffic?${RANGE}`)
    const days = traffic.byDayOfWeek
    const hours = traffic.peakHours
    expect(
      await mistakesOf(traffic, [
        ...days
          .slice(0, 2)
          .map(({ day, messageCount }) => ['sent', messageCount, { keys: { dayOfWeek: day } }] as const),
        ...hours
          .slice(9, 11)
          .map(({ hour, messageCount }) => ['sent', messageCount, { keys: { hourOfDay: hour } }] as const),
      ]),
    ).toEqual([])
  }, 120_000)
})
