import { type Static, Type } from '@sinclair/typebox'
import { defineDashboard } from '../define-dashboard.ts'
import { filterSql } from '../dimensions.ts'
import { engagementCountsSchema, engagementSchema } from '../engagement/engagement-fields.ts'
import { engagementCountsExample, engagementExample } from '../engagement/engagement-example.ts'
import { requireFacts } from '../engagement/facts-as-of.ts'
import { matureSchema } from '../engagement/mature-schema.ts'
import { maturityAt } from '../engagement/maturity.ts'
import { readRateOrder, sortParameter } from '../engagement/rate-order.ts'
import { readEngagement, readItemsEngagement } from '../engagement/read-engagement.ts'
import { CORE_MESSAGE_METRICS, type CoreMessageCounts, ZERO_MESSAGE_COUNTS } from '../message-counts.ts'
import { metricFields, namedMetricFields } from '../metric-fields.ts'
import { channelParameter, entityIdParameter, pageParameters } from '../parameters.ts'
import {
  type CampaignRow,
  campaignsSql,
  HIGHEST_RATE_FIRST,
  MOST_SENT_FIRST,
  NO_CAMPAIGNS,
} from '../query/campaigns-sql.ts'
import { findEntityNames } from '../query/entity-names.ts'
import { cutPage, listQuery, nextCursor } from '../query/list-page.ts'
import { eventCountsSql, IS_MESSAGE_SQL } from '../query/metric-sql.ts'
import {
  countsSql,
  DAILY_ROLL_UP,
  DISTINCT_BITMAP_SQL,
  EVENT_COUNT_SQL,
  MESSAGES_BY_QUARTER_HOUR,
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

export type Campaigns = Static<typeof campaigns.data>

export const campaigns = defineDashboard({
  name: 'campaigns',
  preset: '30d',
  parameters: {
    campaignId: entityIdParameter('campaign'),
    channel: channelParameter(),
    sort: sortParameter('the most messages sent come first'),
    ...pageParameters(),
  },
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
        { description: 'Most sent first, or in the order of `sort`; ties by id.' },
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
  counted: { dimension: 'campaign', operator: 'exists' },

  async query(port, request) {
    const { tenantId, range, bucketRange, zone, campaignId, channel, sort } = request
    const order = sort === undefined ? MOST_SENT_FIRST : HIGHEST_RATE_FIRST
    const list = listQuery(request, order)
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
    const readCampaigns = async () => {
      const rates =
        sort && (await readRateOrder(port, request, { name: 'campaigns_rates', column: 'campaign_id', filter }, sort))
      const parameters = {
        ...byCampaign.parameters,
        ...filter.parameters,
        ...list.parameters,
        ...rates?.parameters,
        // And the row of totals.
        rows: list.rows + 1,
      }
      const sql = campaignsSql(byCampaign.sql, order, list, rates)
      return port.query(tenantId, tenantQuery<CampaignRow>('campaigns', sql, parameters))
    }
    const [rows, days, engagement] = await Promise.all([
      readCampaigns(),
      port.query(
        tenantId,
        tenantQuery<CoreMessageCounts & { bucket: number }>('campaigns_series', `SELECT * FROM ${series.sql}`, {
          ...series.parameters,
          ...filter.parameters,
        }),
      ),
      readEngagement(port, request, {
        name: 'campaigns',
        rollUp: campaignId === undefined ? MESSAGES_BY_QUARTER_HOUR : undefined,
        column: 'channel',
        buckets,
        filter: { ...filter, sql: ` AND campaign_id IS NOT NULL${filter.sql}` },
      }),
    ])
    const items = rows.filter((row) => row.is_total === 0)
    const top = cutPage(items, list, (row) => ({ order: [row[order.column]], id: row.campaign }))
    const ids = top.items.map((row) => row.campaign)
    const [nameOf, engagementOfItems] = await Promise.all([
      findEntityNames(port, tenantId, 'campaign', ids),
      readItemsEngagement(port, request, { name: 'campaigns_items', column: 'campaign_id', filter }, ids),
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
