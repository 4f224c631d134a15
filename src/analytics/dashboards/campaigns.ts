import { type Static, Type } from '@sinclair/typebox'
import { defineDashboard } from '../define-dashboard.ts'
import { filterSql } from '../dimensions.ts'
import { engagementCountsSchema, engagementSchema } from '../engagement-fields.ts'
import { engagementCountsExample, engagementExample } from '../engagement/engagement-example.ts'
import { requireFacts } from '../engagement/facts-as-of.ts'
import { matureSchema, maturityAt } from '../engagement/maturity.ts'
import { readEngagement } from '../engagement/read-engagement.ts'
import { CORE_MESSAGE_METRICS, type CoreMessageCounts, ZERO_MESSAGE_COUNTS } from '../message-counts.ts'
import { metricFields, namedMetricFields } from '../metric-fields.ts'
import { channelParameter, entityIdParameter, pageParameters } from '../parameters.ts'
import { findEntityNames } from '../query/entity-names.ts'
import { cutPage, type ListOrder, listQuery, nextCursor } from '../query/list-page.ts'
import { eventCountsByTypeSql, eventCountsSql, IS_MESSAGE_SQL, isCountedSql, sumsSql } from '../query/metric-sql.ts'
import {
  countsSql,
  DAILY_ROLL_UP,
  DISTINCT_BITMAP_SQL,
  EVENT_COUNT_SQL,
  MESSAGES_BY_DAY,
  QUARTER_HOUR_ROLL_UP,
  sumByBucket,
} from '../query/roll-up.ts'
import { tenantQuery } from '../query/tenant-query.ts'
import { count, entityName, instant, object, text } from '../schemas.ts'
import { bucketStarts, denseSeries, formatInstant } from '../time/buckets.ts'

const DISTINCT = namedMetricFields({ totalCampaigns: 'campaigns', completedCampaigns: 'campaignsCompleted' })
const AVERAGES = namedMetricFields({ avgOpenRate: 'openRate', avgClickRate: 'clickRate' })
const CAMPAIGN_METRICS = metricFields(...CORE_MESSAGE_METRICS, 'recipients', 'openRate', 'clickRate')
const DAY_COUNTS = metricFields(...CORE_MESSAGE_METRICS)

const ORDER: ListOrder = { columns: [['sent', 'DESC']], idSql: 'campaign' }

export type Campaigns = Static<typeof campaigns.data>

export const campaigns = defineDashboard({
  name: 'campaigns',
  preset: '30d',
  parameters: { campaignId: entityIdParameter('campaign'), channel: channelParameter(), ...pageParameters() },
  data: object(
    {
      summary: object(
        {
          ...DISTINCT.schemas,
          totalRecipients: count('Distinct pairs of campaign and contact that a message was sent to'),
          ...AVERAGES.schemas,
        },
        'Totals of the range.',
        'CampaignsSummary',
      ),
      engagement: engagementSchema,
      topCampaigns: Type.Array(
        object(
          {
            campaignId: text('Id of the campaign'),
            name: entityName(),
            ...CAMPAIGN_METRICS.schemas,
            engagement: engagementSchema,
          },
          'One campaign.',
          'Campaign',
        ),
        { description: 'Most sent first, ties by id.' },
      ),
      timeSeries: Type.Array(
        object(
          {
            timestamp: instant('Start of the day'),
            ...DAY_COUNTS.schemas,
            engagement: engagementCountsSchema,
            mature: matureSchema,
          },
          'Counts of one day.',
          'CampaignsDay',
        ),
        { description: 'One item per day, days without events included.' },
      ),
    },
    'Campaigns of a range.',
    'Campaigns',
  ),
  dependsOnRules: true,
  mainTable: 'topCampaigns',

  async query(port, request) {
    const { tenantId, range, bucketRange, zone, campaignId, channel } = request
    const list = listQuery(request, ORDER)
    const buckets = bucketStarts(bucketRange, 'day', zone)
    const filter = filterSql({ campaignId, channel })
    const series = countsSql({
      rollUp: campaignId === undefined ? QUARTER_HOUR_ROLL_UP : undefined,
      range,
      buckets,
      counts: eventCountsSql(CORE_MESSAGE_METRICS, ' AND campaign_id IS NOT NULL'),
      rowsSql: IS_MESSAGE_SQL,
      filter: filter.sql,
    })
    const byCampaign = countsSql({
      rollUp: DAILY_ROLL_UP,
      range,
      keys: ['campaign_id', 'event_type'],
      counts: `${EVENT_COUNT_SQL}, ${DISTINCT_BITMAP_SQL}`,
      // A campaign counts by an event of any type.
      rowsSql: 'campaign_id IS NOT NULL',
      filter: ` AND campaign_id IS NOT NULL${filter.sql}`,
    })
    const [rows, days, engagement] = await Promise.all([
      port.query(
        tenantId,
        tenantQuery<CampaignRow>('campaigns', campaignsSql(byCampaign.sql, list.afterSql), {
          ...byCampaign.parameters,
          ...filter.parameters,
          ...list.parameters,
          // And the row of totals.
          rows: list.rows + 1,
        }),
      ),
      port.query(
        tenantId,
        tenantQuery<CoreMessageCounts & { bucket: number }>('campaigns_series', `SELECT * FROM ${series.sql}`, {
          ...series.parameters,
          ...filter.parameters,
        }),
      ),
      readEngagement(port, request, {
        name: 'campaigns',
        rollUp: undefined,
        column: 'channel',
        buckets,
        filter: { ...filter, sql: ` AND campaign_id IS NOT NULL${filter.sql}` },
      }),
    ])
    const items = rows.filter((row) => row.is_total === 0)
    const top = cutPage(items, list, ({ sent, campaign }) => ({ order: [sent], id: campaign }))
    const ids = top.items.map((row) => row.campaign)
    const [nameOf, engagementOfItems] = await Promise.all([
      findEntityNames(port, tenantId, 'campaign', ids),
      readEngagement(port, request, {
        name: 'campaigns_items',
        rollUp: MESSAGES_BY_DAY,
        column: 'campaign_id',
        filter: {
          sql: ` AND campaign_id IN {ids:Array(String)}${filter.sql}`,
          parameters: { ...filter.parameters, ids },
        },
      }),
    ])
    const total = rows.find((row) => row.is_total === 1) ?? NO_CAMPAIGNS
    return { total, top, nameOf, buckets, days: sumByBucket(days, CORE_MESSAGE_METRICS), engagement, engagementOfItems }
  },

  async shape({ total, top, nameOf, buckets, days, engagement, engagementOfItems }, request) {
    const isMature = maturityAt(requireFacts(request).until, buckets, 'day', request.zone)
    return {
      summary: { ...DISTINCT.values(total), totalRecipients: total.recipients, ...AVERAGES.values(total) },
      engagement: engagement.total,
      topCampaigns: top.items.map((row) => ({
        campaignId: row.campaign,
        name: nameOf(row.campaign),
        ...CAMPAIGN_METRICS.values(row),
        engagement: engagementOfItems.of(row.campaign),
      })),
      timeSeries: await denseSeries(buckets, days, (row, start) => ({
        timestamp: formatInstant(start),
        ...DAY_COUNTS.values(row ?? ZERO_MESSAGE_COUNTS),
        engagement: engagement.ofBucket(start),
        mature: isMature(start),
      })),
      ...(await nextCursor(request, [top.end])),
    }
  },

  docs: {
    summary: 'Campaigns',
    description: 'Counts of campaigns and their recipients, and the campaigns with the most messages sent.',
  },
  example: {
    summary: {
      ...DISTINCT.values({ campaigns: 3, campaignsCompleted: 1 }),
      totalRecipients: 1186,
      ...AVERAGES.values({ delivered: 1453, opened: 629, clicked: 180 }),
    },
    engagement: engagementExample(1500, 1453, 520, 404, 148, 122, 47, 2, 7),
    topCampaigns: [
      {
        campaignId: 'cmp-1',
        name: 'Black Friday Sale',
        ...CAMPAIGN_METRICS.values({ sent: 690, delivered: 670, opened: 277, clicked: 79, recipients: 512 }),
        engagement: engagementExample(690, 670, 230, 176, 65, 54, 20, 1, 3),
      },
      {
        campaignId: 'cmp-2',
        name: 'Alumni Spring Gala',
        ...CAMPAIGN_METRICS.values({ sent: 497, delivered: 480, opened: 245, clicked: 78, recipients: 407 }),
        engagement: engagementExample(497, 480, 200, 158, 64, 53, 17, 1, 3),
      },
      {
        campaignId: 'cmp-3',
        name: 'Mentorship Drive',
        ...CAMPAIGN_METRICS.values({ sent: 313, delivered: 303, opened: 107, clicked: 23, recipients: 267 }),
        engagement: engagementExample(313, 303, 90, 70, 19, 15, 10, 0, 1),
      },
    ],
    timeSeries: [
      {
        timestamp: '2026-01-26T00:00:00Z',
        sent: 500,
        delivered: 485,
        opened: 206,
        clicked: 53,
        engagement: engagementCountsExample(500, 485, 170, 132, 44, 36, 15, 1, 2),
        mature: false,
      },
      {
        timestamp: '2026-01-27T00:00:00Z',
        sent: 575,
        delivered: 563,
        opened: 248,
        clicked: 70,
        engagement: engagementCountsExample(575, 563, 205, 159, 57, 47, 12, 1, 4),
        mature: false,
      },
      {
        timestamp: '2026-01-28T00:00:00Z',
        sent: 425,
        delivered: 405,
        opened: 175,
        clicked: 57,
        engagement: engagementCountsExample(425, 405, 145, 113, 47, 39, 20, 0, 1),
        mature: false,
      },
    ],
  },
})

interface CampaignRow extends CoreMessageCounts {
  readonly campaign: string
  readonly is_total: number
  readonly campaigns: number
  readonly campaignsCompleted: number
  readonly recipients: number
}

const NO_CAMPAIGNS = { ...ZERO_MESSAGE_COUNTS, campaigns: 0, campaignsCompleted: 0, recipients: 0 }

/** One row of totals, then the campaigns with the most messages sent. */
const campaignsSql = (counts: string, afterSql: string) => `
  SELECT campaign, grouping(campaign) AS is_total, ${sumsSql(CORE_MESSAGE_METRICS)}, sum(recipients) AS recipients,
    count() AS campaigns, countIf(completions > 0) AS campaignsCompleted
  FROM (
    SELECT assumeNotNull(campaign_id) AS campaign, ${eventCountsByTypeSql(CORE_MESSAGE_METRICS)},
      sumIf(events, ${isCountedSql('campaignsCompleted')}) AS completions,
      groupBitmapMergeIf(members, ${isCountedSql('recipients')}) AS recipients
    FROM ${counts}
    GROUP BY campaign
  )
  GROUP BY GROUPING SETS ((campaign), ())${afterSql && ` HAVING is_total = 1 OR ${afterSql}`}
  ORDER BY is_total DESC, sent DESC, campaign
  LIMIT {rows:UInt32}`
