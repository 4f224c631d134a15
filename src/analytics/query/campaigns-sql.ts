/** The SQL of the list of campaigns. */
import { CORE_MESSAGE_METRICS, type CoreMessageCounts, ZERO_MESSAGE_COUNTS } from '../message-counts.ts'
import type { RateOrder } from '../engagement/rate-order.ts'
import type { ListOrder, ListQuery } from './list-page.ts'
import { eventCountsByTypeSql, isCountedSql, sumsSql } from './metric-sql.ts'

export interface CampaignRow extends CoreMessageCounts {
  readonly campaign: string
  readonly is_total: number
  readonly campaigns: number
  readonly campaignsCompleted: number
  readonly recipients: number
  /** In hundredths; 0 where the list has another order. */
  readonly engagement_rate: number
}

export const NO_CAMPAIGNS = { ...ZERO_MESSAGE_COUNTS, campaigns: 0, campaignsCompleted: 0, recipients: 0 }

/** An order by one number, the largest first. */
interface CampaignOrder extends ListOrder {
  readonly column: 'sent' | 'engagement_rate'
}

const descendingBy = (column: CampaignOrder['column']): CampaignOrder => ({
  column,
  columns: [[column, 'DESC']],
  idSql: 'campaign',
})
export const MOST_SENT_FIRST = descendingBy('sent')
export const HIGHEST_RATE_FIRST = descendingBy('engagement_rate')

/** One row of totals, then the campaigns in their order. */
export const campaignsSql = (
  counts: string,
  { column }: CampaignOrder,
  { afterSql }: ListQuery,
  rates: RateOrder | undefined,
) => `
  SELECT campaign, grouping(campaign) AS is_total, ${sumsSql(CORE_MESSAGE_METRICS)}, sum(recipients) AS recipients,
    count() AS campaigns, countIf(completions > 0) AS campaignsCompleted, ${rates ? 'max(rates.engagement_rate)' : '0'} AS engagement_rate
  FROM (
    SELECT assumeNotNull(campaign_id) AS campaign, ${eventCountsByTypeSql(CORE_MESSAGE_METRICS)},
      sumIf(events, ${isCountedSql('campaignsCompleted')}) AS completions,
      groupBitmapMergeIf(members, ${isCountedSql('recipients')}) AS recipients
    FROM ${counts}
    GROUP BY campaign
  ) AS counts${rates ? ` LEFT JOIN ${rates.sql} AS rates ON counts.campaign = rates.item` : ''}
  GROUP BY GROUPING SETS ((campaign), ())${afterSql && ` HAVING is_total = 1 OR ${afterSql}`}
  ORDER BY is_total DESC, ${column} DESC, campaign
  LIMIT {rows:UInt32}`
