import { type Static, Type } from '@sinclair/typebox'
import { defineDashboard } from '../define-dashboard.ts'
import { filterSql } from '../dimensions.ts'
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
      topCampaigns: Type.Array(
        object(
          { campaignId: text('Id of the campaign'), name: entityName(), ...CAMPAIGN_METRICS.schemas },
          'One campaign.',
          'Campaign',
        ),
        { description: 'Most sent first, ties by id.' },
      ),
      timeSeries: Type.Array(
        object({ timestamp: instant('Start of the day'), ...DAY_COUNTS.schemas }, 'Counts of one day.', 'CampaignsDay'),
        { description: 'One item per day, days without events included.' },
      ),
    },
    'Campaigns of a range.',
    'Campaigns',
  ),
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
      eventTypesSql: IS_MESSAGE_SQL,
      filter: filter.sql,
    })
    const byCampaign = countsSql({
      rollUp: DAILY_ROLL_UP,
      range,
      keys: ['campaign_id', 'event_type'],
      counts: `${EVENT_COUNT_SQL}, ${DISTINCT_BITMAP_SQL}`,
      // A campaign counts by an event of any type.
      eventTypesSql: 'campaign_id IS NOT NULL',
      filter: ` AND campaign_id IS NOT NULL${filter.sql}`,
    })
    const [rows, days] = await Promise.all([
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
    ])
    const items = rows.filter((row) => row.is_total === 0)
    const top = cutPage(items, list, ({ sent, campaign }) => ({ order: [sent], id: campaign }))
    const ids = top.items.map((row) => row.campaign)
    const nameOf = await findEntityNames(port, tenantId, 'campaign', ids)
    const total = rows.find((row) => row.is_total === 1) ?? NO_CAMPAIGNS
    return { total, top, nameOf, buckets, days: sumByBucket(days, CORE_MESSAGE_METRICS) }
  },

  async shape({ total, top, nameOf, buckets, days }, request) {
    return {
      summary: { ...DISTINCT.values(total), totalRecipients: total.recipients, ...AVERAGES.values(total) },
      topCampaigns: top.items.map((row) => ({
        campaignId: row.campaign,
        name: nameOf(row.campaign),
        ...CAMPAIGN_METRICS.values(row),
      })),
      timeSeries: await denseSeries(buckets, days, (row, start) => ({
        timestamp: formatInstant(start),
        ...DAY_COUNTS.values(row ?? ZERO_MESSAGE_COUNTS),
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
    topCampaigns: [
      {
        campaignId: 'cmp-1',
        name: 'Black Friday Sale',
        ...CAMPAIGN_METRICS.values({ sent: 690, delivered: 670, opened: 277, clicked: 79, recipients: 512 }),
      },
      {
        campaignId: 'cmp-2',
        name: 'Alumni Spring Gala',
        ...CAMPAIGN_METRICS.values({ sent: 497, delivered: 480, opened: 245, clicked: 78, recipients: 407 }),
      },
      {
        campaignId: 'cmp-3',
        name: 'Mentorship Drive',
        ...CAMPAIGN_METRICS.values({ sent: 313, delivered: 303, opened: 107, clicked: 23, recipients: 267 }),
      },
    ],
    timeSeries: [
      { timestamp: '2026-01-26T00:00:00Z', sent: 500, delivered: 485, opened: 206, clicked: 53 },
      { timestamp: '2026-01-27T00:00:00Z', sent: 575, delivered: 563, opened: 248, clicked: 70 },
      { timestamp: '2026-01-28T00:00:00Z', sent: 425, delivered: 405, opened: 175, clicked: 57 },
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
