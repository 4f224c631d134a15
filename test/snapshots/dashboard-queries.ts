import { isPaged } from '../support/dashboards/dashboards.ts'
import type { Dashboard } from '../support/oracle/oracle.ts'

/** Local times of Lord Howe Island at which the clocks go back by half an hour, in a range that fills no whole bucket at either end. */
const CLOCK_CHANGE = 'startDate=2026-04-04T21:12:00&endDate=2026-04-05T05:17:30.5&timezone=Australia/Lord_Howe' as const

const FOR_EACH = [
  '',
  'timeRange=1d&timezone=Australia/Lord_Howe',
  'startDate=2026-03-27&endDate=2026-03-30&timezone=Europe/Berlin',
  CLOCK_CHANGE,
  'startDate=2026-04-01T00:00:00%2B05:45&timezone=Asia/Kathmandu',
  'format=csv',
]

/** Answered with an error by each dashboard: the text of most names its parameters. */
const INVALID_FOR_EACH = [
  'timeRange=2d',
  'timezone=Mars/Olympus',
  'startDate=2026-02-30',
  'startDate=2026-04-02&endDate=2026-04-01',
  'startDate=2027-01-01',
  'startDate=2020-01-01',
  'startDate=2026-04-01T00:00:00+05:45',
  'endDate=2026-04-01',
  'timeRange=7d&timeRange=1d&unknown=1&timezone=%ff',
  'format=pdf',
  'format=csv&table=unknown',
]

/** Each list has at least three pages of two items. */
export const PAGED_QUERY = 'timeRange=30d&limit=2'
const LISTS = [PAGED_QUERY, 'timeRange=90d&limit=1000&timezone=Asia/Kathmandu']
const INVALID_LISTS = ['limit=0', 'limit=1001', 'limit=1.5', 'cursor=unknown']
const GERMAN_CSV = 'format=csv&delimiter=semicolon&decimal=comma&timezone=Europe/Berlin&table='

/** The query strings of each dashboard beside those for all. */
const FOR_ONE: Readonly<Partial<Record<Dashboard, readonly string[]>>> = {
  overview: [`${GERMAN_CSV}summary`, `${GERMAN_CSV}byChannel`, `${GERMAN_CSV}timeRange`, 'channel=email'],
  messages: [
    `${CLOCK_CHANGE}&granularity=hour`,
    'timeRange=30d&granularity=week&timezone=Asia/Kathmandu',
    'timeRange=90d&granularity=month&channel=email&timezone=Europe/Berlin',
    `${GERMAN_CSV}byChannel`,
    'channel=fax&granularity=year',
  ],
  campaigns: [
    ...['timeRange=30d&campaignId=campaign-0', 'timeRange=7d&channel=sms', 'campaignId='],
    ...[`${GERMAN_CSV}topCampaigns`, `${GERMAN_CSV}summary`],
  ],
  workflows: [
    ...['timeRange=30d&workflowId=workflow-0', 'workflowId='],
    ...[`${GERMAN_CSV}topWorkflows`, `${GERMAN_CSV}timeSeries`],
  ],
  sequences: [
    ...['timeRange=30d&sequenceId=sequence-0', 'sequenceId='],
    ...[`${GERMAN_CSV}stepFunnel`, `${GERMAN_CSV}topSequences`],
  ],
  templates: [
    ...['templateId=template-0&timeRange=90d', 'timeRange=90d&minUsage=5&channel=email', 'minUsage=-1'],
    `${GERMAN_CSV}worstPerforming`,
  ],
  traffic: [
    `${CLOCK_CHANGE}&granularity=hour`,
    'timeRange=30d&granularity=day&timezone=Europe/Berlin',
    'timeRange=90d&granularity=week&timezone=Asia/Kathmandu',
    ...[`${GERMAN_CSV}peakHours`, `${GERMAN_CSV}byDayOfWeek`, 'granularity=month'],
  ],
}

/** The query strings whose answers are recorded. */
export function queriesOf(dashboard: Dashboard): readonly string[] {
  const lists = isPaged(dashboard) ? [...LISTS, ...INVALID_LISTS] : []
  return [...FOR_EACH, ...lists, ...(FOR_ONE[dashboard] ?? []), ...INVALID_FOR_EACH]
}
