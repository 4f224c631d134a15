import { type Static, Type } from '@sinclair/typebox'
import { type Dashboard, equalityFilter } from '../dashboard.ts'
import { CORE_COUNTS_BY_EVENT_TYPE_SQL, IS_MESSAGE_SQL } from '../query/message-metrics-sql.ts'
import { type CoreMessageCounts } from '../metrics.ts'
import {
  cutPage,
  type ListOrder,
  type ListQuery,
  listQuery,
  nextCursor,
  withNextCursor,
  type PageRequest,
} from '../query/list-page.ts'
import { findEntityNames } from '../query/entity-names.ts'
import { tenantQuery } from '../query/tenant-query.ts'
import { rateHundredthsSql, rate } from '../rates.ts'
import { EVENT_COUNT_SQL, countsSql, DAILY_ROLL_UP } from '../query/roll-up.ts'
import {
  channelParameter,
  clickRate,
  count,
  entityIdParameter,
  minUsageParameter,
  object,
  openRate,
  pageParameters,
  rangeParameters,
  text,
} from '../schemas.ts'

export const TemplatesParameters = object(
  {
    ...rangeParameters('30d'),
    templateId: entityIdParameter('template'),
    channel: channelParameter(),
    ...pageParameters(),
    minUsage: minUsageParameter(),
  },
  'What the templates dashboard can be asked.',
)

const Template = object(
  {
    templateId: text('Id of the template'),
    name: text('The latest known name, or the id if no name is known'),
    usageCount: count('Messages sent with it'),
    delivered: count('Messages delivered'),
    opened: count('Opens'),
    clicked: count('Clicks'),
    openRate: openRate(),
    clickRate: clickRate(),
  },
  'One template.',
  'Template',
)

export const Templates = object(
  {
    topTemplates: Type.Array(Template, {
      description: 'Best first: by open rate, then click rate, then usage, ties by id.',
    }),
    worstPerforming: Type.Array(Template, {
      description: 'Worst first: the reverse order, ties by id.',
    }),
  },
  'The best and the worst templates of a range.',
  'Templates',
)
export type Templates = Static<typeof Templates>

export const TemplatesPage = withNextCursor(Templates)
export type TemplatesPage = Static<typeof TemplatesPage>

export interface TemplatesFilters extends PageRequest {
  readonly templateId?: string | undefined
  readonly channel?: string | undefined
  readonly minUsage?: number | undefined
}

interface TemplateRow extends CoreMessageCounts {
  template: string
  open_rate: number
  click_rate: number
  best: number
  worst: number
}

/** The rates are in hundredths, so that the order consists of whole numbers. */
const ORDER_COLUMNS = ['open_rate', 'click_rate', 'sent']
const BEST_FIRST: ListOrder = { columns: ORDER_COLUMNS.map((sql) => [sql, 'DESC'] as const), idSql: 'template' }
const WORST_FIRST: ListOrder = { columns: ORDER_COLUMNS.map((sql) => [sql, 'ASC'] as const), idSql: 'template' }

/** The place of a template among those behind the start of the page; 0 for those before it. */
const rankSql = ({ columns, idSql }: ListOrder, behindSql: string) => {
  const order = [...columns.map(([sql, direction]) => `${sql} ${direction}`), idSql].join(', ')
  if (behindSql === '') return `row_number() OVER (ORDER BY ${order})`
  return `if(${behindSql}, row_number() OVER (PARTITION BY ${behindSql} ORDER BY ${order}), 0)`
}

/** Both lists in one reading: each template with its place from the top and from the bottom. */
const templatesSql = (counts: string, best: ListQuery, worst: ListQuery) => `
  SELECT template, sent, delivered, opened, clicked, open_rate, click_rate,
    ${rankSql(BEST_FIRST, best.afterSql)} AS best, ${rankSql(WORST_FIRST, worst.afterSql)} AS worst
  FROM (
    SELECT *, ${rateHundredthsSql('opened', 'delivered')} AS open_rate, ${rateHundredthsSql('clicked', 'delivered')} AS click_rate
    FROM (SELECT assumeNotNull(template_id) AS template, ${CORE_COUNTS_BY_EVENT_TYPE_SQL} FROM ${counts} GROUP BY template)
    WHERE sent >= {minUsage:UInt32}
  )
  QUALIFY best BETWEEN 1 AND {bestRows:UInt32} OR worst BETWEEN 1 AND {worstRows:UInt32}`

export const templatesDashboard: Dashboard<TemplatesFilters, TemplatesPage> = async (
  port,
  { tenantId, range, templateId, channel, minUsage = 1, ...page },
) => {
  const lists = { best: listQuery(page, BEST_FIRST, 0), worst: listQuery(page, WORST_FIRST, 1) }
  const byId = equalityFilter('template_id', 'templateId', templateId)
  const byChannel = equalityFilter('channel', 'channel', channel)
  const counts = countsSql({
    rollUp: DAILY_ROLL_UP,
    range,
    keys: ['template_id', 'event_type'],
    counts: EVENT_COUNT_SQL,
    eventTypesSql: IS_MESSAGE_SQL,
    filter: ` AND template_id IS NOT NULL${byId.sql}${byChannel.sql}`,
  })
  const rows = await port.query(
    tenantId,
    tenantQuery<TemplateRow>('templates', templatesSql(counts.sql, lists.best, lists.worst), {
      ...counts.parameters,
      ...byId.parameters,
      ...byChannel.parameters,
      ...lists.best.parameters,
      ...lists.worst.parameters,
      bestRows: lists.best.rows,
      worstRows: lists.worst.rows,
      minUsage: Math.max(1, minUsage),
    }),
  )
  const pageOfList = (place: 'best' | 'worst') =>
    cutPage(
      rows.filter((row) => row[place] > 0 && row[place] <= lists[place].rows).toSorted((a, b) => a[place] - b[place]),
      lists[place],
      ({ open_rate, click_rate, sent, template }) => ({ order: [open_rate, click_rate, sent], id: template }),
    )
  const [best, worst] = [pageOfList('best'), pageOfList('worst')]
  const shown = new Set([...best.items, ...worst.items].map(({ template }) => template))
  const nameOf = await findEntityNames(port, tenantId, 'template', [...shown])
  const toItems = (items: readonly TemplateRow[]) =>
    items.map(({ template, sent, delivered, opened, clicked }) => ({
      templateId: template,
      name: nameOf(template),
      usageCount: sent,
      delivered,
      opened,
      clicked,
      openRate: rate(opened, delivered),
      clickRate: rate(clicked, delivered),
    }))
  return {
    topTemplates: toItems(best.items),
    worstPerforming: toItems(worst.items),
    ...(await nextCursor(page, [best.end, worst.end])),
  }
}
