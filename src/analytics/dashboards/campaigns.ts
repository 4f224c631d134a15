import { type Static, Type } from '@sinclair/typebox'
import { bucketStarts, denseSeries, formatInstant } from '../time/buckets.ts'
import { type Dashboard, equalityFilter } from '../dashboard.ts'
import {
  CORE_CAMPAIGN_COUNTS_SQL,
  CORE_COUNTS_BY_EVENT_TYPE_SQL,
  CORE_COUNT_SUMS_SQL,
  IS_MESSAGE_SQL,
} from '../query/message-metrics-sql.ts'
import { CORE_MESSAGE_METRICS, type CoreMessageCounts, ZERO_MESSAGE_COUNTS, pickCoreMessageCounts } from '../metrics.ts'
import { cutPage, type ListOrder, listQuery, nextCursor, withNextCursor, type PageRequest } from '../query/list-page.ts'
import { findEntityNames } from '../query/entity-names.ts'
import { tenantQuery } from '../query/tenant-query.ts'
import { rate } from '../rates.ts'
import {
  EVENT_COUNT_SQL,
  countsSql,
  DAILY_ROLL_UP,
  DISTINCT_BITMAP_SQL,
  QUARTER_HOUR_ROLL_UP,
  sumByBucket,
} from '../query/roll-up.ts'
import {
  channelParameter,
  clickRate,
  count,
  entityIdParameter,
  coreMessageCountsSchema,
  instant,
  object,
  openRate,
  pageParameters,
  rangeParameters,
  text,
} from '../schemas.ts'

export const CampaignsParameters = object(
  {
    ...rangeParameters('30d'),
    campaignId: entityIdParameter('campaign'),
    channel: channelParameter(),
    ...pageParameters(),
  },
  'What the campaigns dashboard can be asked.',
)

export const Campaigns = object(
  {
    summary: object(
      {
        totalCampaigns: count('Distinct campaigns with any event in the range'),
        completedCampaigns: count('Distinct campaigns that completed in the range'),
        totalRecipients: count('Distinct pairs of campaign and contact that a message was sent to'),
        avgOpenRate: openRate(),
        avgClickRate: clickRate(),
      },
      'Totals of the range.',
      'CampaignsSummary',
    ),
    topCampaigns: Type.Array(
      object(
        {
          campaignId: text('Id of the campaign'),
          name: text('The latest known name, or the id if no name is known'),
          ...coreMessageCountsSchema(),
          recipients: count('Distinct contacts that a message was sent to'),
          openRate: openRate(),
          clickRate: clickRate(),
        },
        'One campaign.',
        'Campaign',
      ),
      { description: 'Most sent first, ties by id.' },
    ),
    timeSeries: Type.Array(
      object(
        { timestamp: instant('Start of the day'), ...coreMessageCountsSchema() },
        'Counts of one day.',
        'CampaignsDay',
      ),
      {
        description: 'One item per day, days without events included.',
      },
    ),
  },
  'Campaigns of a range.',
  'Campaigns',
)
export type Campaigns = Static<typeof Campaigns>

export const CampaignsPage = withNextCursor(Campaigns)
export type CampaignsPage = Static<typeof CampaignsPage>

export interface CampaignsFilters extends PageRequest {
  readonly campaignId?: string | undefined
  readonly channel?: string | undefined
}

interface CampaignRow extends CoreMessageCounts {
  campaign: string
  is_total: number
  campaigns: number
  completed: number
  recipients: number
}

const ORDER: ListOrder = { columns: [['sent', 'DESC']], idSql: 'campaign' }

/** One row of totals, then the campaigns that sent most. */
const campaignsSql = (counts: string, behindSql: string) => `
  SELECT campaign, grouping(campaign) AS is_total, ${CORE_COUNT_SUMS_SQL}, sum(recipients) AS recipients,
    count() AS campaigns, countIf(completions > 0) AS completed
  FROM (
    SELECT assumeNotNull(campaign_id) AS campaign, ${CORE_COUNTS_BY_EVENT_TYPE_SQL}, sumIf(events, event_type = 'campaign_completed') AS completions,
      groupBitmapMergeIf(members, event_type = 'message_sent') AS recipients
    FROM ${counts}
    GROUP BY campaign
  )
  GROUP BY GROUPING SETS ((campaign), ())${behindSql && ` HAVING is_total = 1 OR ${behindSql}`}
  ORDER BY is_total DESC, sent DESC, campaign
  LIMIT {rows:UInt32}`

export const campaignsDashboard: Dashboard<CampaignsFilters, CampaignsPage> = async (
  port,
  { tenantId, range, zone, campaignId, channel, ...page },
) => {
  const list = listQuery(page, ORDER)
  const buckets = bucketStarts(range, 'day', zone)
  const byId = equalityFilter('campaign_id', 'campaignId', campaignId)
  const byChannel = equalityFilter('channel', 'channel', channel)
  const filter = byId.sql + byChannel.sql
  const filterParameters = { ...byId.parameters, ...byChannel.parameters }
  const series = countsSql({
    rollUp: campaignId === undefined ? QUARTER_HOUR_ROLL_UP : undefined,
    range,
    buckets,
    counts: CORE_CAMPAIGN_COUNTS_SQL,
    eventTypesSql: IS_MESSAGE_SQL,
    filter,
  })
  const byCampaign = countsSql({
    rollUp: DAILY_ROLL_UP,
    range,
    keys: ['campaign_id', 'event_type'],
    counts: `${EVENT_COUNT_SQL}, ${DISTINCT_BITMAP_SQL}`,
    // Any event makes a campaign count.
    eventTypesSql: 'campaign_id IS NOT NULL',
    filter: ` AND campaign_id IS NOT NULL${filter}`,
  })
  const [rows, countedRows] = await Promise.all([
    port.query(
      tenantId,
      tenantQuery<CampaignRow>('campaigns', campaignsSql(byCampaign.sql, list.afterSql), {
        ...byCampaign.parameters,
        ...filterParameters,
        ...list.parameters,
        rows: list.rows + 1,
      }),
    ),
    port.query(
      tenantId,
      tenantQuery<CoreMessageCounts & { bucket: number }>('campaigns_series', `SELECT * FROM ${series.sql}`, {
        ...series.parameters,
        ...filterParameters,
      }),
    ),
  ])
  const total = rows.find((row) => row.is_total === 1) ?? {
    ...ZERO_MESSAGE_COUNTS,
    campaigns: 0,
    completed: 0,
    recipients: 0,
  }
  const { items: top, end } = cutPage(
    rows.filter((row) => row.is_total === 0),
    list,
    ({ sent, campaign }) => ({ order: [sent], id: campaign }),
  )
  const nameOf = await findEntityNames(
    port,
    tenantId,
    'campaign',
    top.map((row) => row.campaign),
  )
  return {
    summary: {
      totalCampaigns: total.campaigns,
      completedCampaigns: total.completed,
      totalRecipients: total.recipients,
      avgOpenRate: rate(total.opened, total.delivered),
      avgClickRate: rate(total.clicked, total.delivered),
    },
    topCampaigns: top.map((row) => ({
      campaignId: row.campaign,
      name: nameOf(row.campaign),
      ...pickCoreMessageCounts(row),
      recipients: row.recipients,
      openRate: rate(row.opened, row.delivered),
      clickRate: rate(row.clicked, row.delivered),
    })),
    timeSeries: await denseSeries(buckets, sumByBucket(countedRows, CORE_MESSAGE_METRICS), (row, start) => ({
      timestamp: formatInstant(start),
      ...pickCoreMessageCounts(row ?? ZERO_MESSAGE_COUNTS),
    })),
    ...(await nextCursor(page, [end])),
  }
}
