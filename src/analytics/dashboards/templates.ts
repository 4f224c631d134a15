import { type Static, Type } from '@sinclair/typebox'
import { defineDashboard } from '../define-dashboard.ts'
import { filterSql } from '../dimensions.ts'
import { engagementSchema } from '../engagement/engagement-fields.ts'
import { engagementExample } from '../engagement/engagement-example.ts'
import { type RateOrder, readRateOrder, sortParameter } from '../engagement/rate-order.ts'
import { readItemsEngagement } from '../engagement/read-engagement.ts'
import { CORE_MESSAGE_METRICS, type CoreMessageCounts } from '../message-counts.ts'
import { namedMetricFields } from '../metric-fields.ts'
import { RATES, type RateName } from '../metrics.ts'
import { channelParameter, entityIdParameter, pageParameters } from '../parameters.ts'
import { findEntityNames } from '../query/entity-names.ts'
import { cutPage, type ListOrder, type ListQuery, listQuery, nextCursor } from '../query/list-page.ts'
import { eventCountsByTypeSql, IS_MESSAGE_SQL } from '../query/metric-sql.ts'
import { countsSql, DAILY_ROLL_UP, EVENT_COUNT_SQL } from '../query/roll-up.ts'
import { tenantQuery } from '../query/tenant-query.ts'
import { rateHundredthsSql } from '../rates.ts'
import { entityName, object, text } from '../schemas.ts'

const TEMPLATE_METRICS = namedMetricFields({
  usageCount: 'sent',
  delivered: 'delivered',
  opened: 'opened',
  clicked: 'clicked',
  openRate: 'openRate',
  clickRate: 'clickRate',
})

const Template = object(
  {
    templateId: text('Id of the template'),
    name: entityName(),
    ...TEMPLATE_METRICS.schemas,
    engagement: engagementSchema,
  },
  'One template.',
  'Template',
)

/** The rates are in hundredths, so that the order consists of whole numbers. */
const ORDER_COLUMNS = ['open_rate', 'click_rate', 'sent'] as const
const RATE_COLUMNS = ['engagement_rate'] as const
type OrderColumns = typeof ORDER_COLUMNS | typeof RATE_COLUMNS

/** Both orders of the same columns. */
const ordersBy = (columns: OrderColumns) => {
  const orderOf = (direction: 'ASC' | 'DESC'): ListOrder => ({
    columns: columns.map((sql) => [sql, direction] as const),
    idSql: 'template',
  })
  return { best: orderOf('DESC'), worst: orderOf('ASC') }
}

export type Templates = Static<typeof templates.data>

export const templates = defineDashboard({
  name: 'templates',
  preset: '30d',
  parameters: {
    templateId: entityIdParameter('template'),
    channel: channelParameter(),
    sort: sortParameter('the best and the worst come first'),
    ...pageParameters(),
    minUsage: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000_000,
        default: 1,
        description: 'Only templates with at least this many messages sent. Templates without any are never listed.',
      }),
    ),
  },
  data: object(
    {
      topTemplates: Type.Array(Template, {
        description: 'Best first: by open rate, then click rate, then usage, or by `sort`; ties by id.',
      }),
      worstPerforming: Type.Array(Template, { description: 'Worst first: the reverse order, ties by id.' }),
    },
    'The best and the worst templates of a range.',
    'Templates',
  ),
  dependsOnRules: true,
  mainTable: 'topTemplates',

  async query(port, request) {
    const { tenantId, range, templateId, channel, sort, minUsage = 1 } = request
    const columns: OrderColumns = sort === undefined ? ORDER_COLUMNS : RATE_COLUMNS
    const orders = ordersBy(columns)
    const lists = { best: listQuery(request, orders.best, 0), worst: listQuery(request, orders.worst, 1) }
    const filter = filterSql({ templateId, channel })
    const counts = countsSql({
      rollUp: DAILY_ROLL_UP,
      range,
      keys: ['template_id', 'event_type'],
      counts: EVENT_COUNT_SQL,
      rowsSql: IS_MESSAGE_SQL,
      filter: ` AND template_id IS NOT NULL${filter.sql}`,
    })
    const rates =
      sort && (await readRateOrder(port, request, { name: 'templates_rates', column: 'template_id', filter }, sort))
    const ranks = { best: rankSql(orders.best, lists.best), worst: rankSql(orders.worst, lists.worst) }
    const rows = await port.query(
      tenantId,
      tenantQuery<TemplateRow>('templates', templatesSql(counts.sql, ranks, rates), {
        ...counts.parameters,
        ...filter.parameters,
        ...lists.best.parameters,
        ...lists.worst.parameters,
        ...rates?.parameters,
        bestRows: lists.best.rows,
        worstRows: lists.worst.rows,
        minUsage: Math.max(1, minUsage),
      }),
    )
    const pageOf = (list: 'best' | 'worst') =>
      cutPage(
        rows.filter((row) => row[list] > 0 && row[list] <= lists[list].rows).toSorted((a, b) => a[list] - b[list]),
        lists[list],
        (row) => ({ order: columns.map((column) => row[column]), id: row.template }),
      )
    const [best, worst] = [pageOf('best'), pageOf('worst')]
    const ids = [...new Set([...best.items, ...worst.items].map(({ template }) => template))]
    const [nameOf, engagement] = await Promise.all([
      findEntityNames(port, tenantId, 'template', ids),
      readItemsEngagement(port, request, { name: 'templates', column: 'template_id', filter }, ids),
    ])
    return { best, worst, nameOf, engagement }
  },

  async shape({ best, worst, nameOf, engagement }, request) {
    const toItem = (row: TemplateRow) => ({
      templateId: row.template,
      name: nameOf(row.template),
      ...TEMPLATE_METRICS.values(row),
      engagement: engagement.of(row.template),
    })
    return {
      topTemplates: best.items.map(toItem),
      worstPerforming: worst.items.map(toItem),
      ...(await nextCursor(request, [best.end, worst.end])),
    }
  },

  docs: { summary: 'Templates', description: 'The best and the worst templates, by open rate, click rate and usage.' },
  example: {
    topTemplates: [
      {
        templateId: 'tpl-4',
        name: 'Welcome Email',
        ...TEMPLATE_METRICS.values({ sent: 500, delivered: 482, opened: 321, clicked: 140 }),
        engagement: engagementExample(500, 482, 262, 205, 112, 92, 18, 0, 2),
      },
      {
        templateId: 'tpl-2',
        name: 'Gala Invitation',
        ...TEMPLATE_METRICS.values({ sent: 497, delivered: 480, opened: 245, clicked: 78 }),
        engagement: engagementExample(497, 480, 200, 158, 64, 53, 17, 1, 3),
      },
    ],
    worstPerforming: [
      {
        templateId: 'tpl-3',
        name: 'Mentor Call',
        ...TEMPLATE_METRICS.values({ sent: 313, delivered: 303, opened: 107, clicked: 23 }),
        engagement: engagementExample(313, 303, 90, 70, 19, 15, 10, 0, 1),
      },
      {
        templateId: 'tpl-1',
        name: 'Black Friday Offer',
        ...TEMPLATE_METRICS.values({ sent: 690, delivered: 670, opened: 277, clicked: 79 }),
        engagement: engagementExample(690, 670, 230, 176, 65, 54, 20, 1, 3),
      },
    ],
  },
})

interface TemplateRow extends CoreMessageCounts {
  readonly template: string
  readonly open_rate: number
  readonly click_rate: number
  /** 0 where the lists have another order. */
  readonly engagement_rate: number
  readonly best: number
  readonly worst: number
}

/** Both lists in one query: each template with its rank from the top and from the bottom. */
const templatesSql = (
  counts: string,
  ranks: { readonly best: string; readonly worst: string },
  rates: RateOrder | undefined,
) => `
  SELECT template, ${CORE_MESSAGE_METRICS.join(', ')}, open_rate, click_rate, engagement_rate, ${ranks.best} AS best, ${ranks.worst} AS worst
  FROM (
    SELECT *, ${rateSql('openRate')} AS open_rate, ${rateSql('clickRate')} AS click_rate${rates ? '' : ', 0 AS engagement_rate'}
    FROM (SELECT assumeNotNull(template_id) AS template, ${eventCountsByTypeSql(CORE_MESSAGE_METRICS)} FROM ${counts} GROUP BY template) AS counts
    ${rates ? `LEFT JOIN ${rates.sql} AS rates ON counts.template = rates.item` : ''}
    WHERE sent >= {minUsage:UInt32}
  )
  QUALIFY best BETWEEN 1 AND {bestRows:UInt32} OR worst BETWEEN 1 AND {worstRows:UInt32}`

const rateSql = (name: RateName) => rateHundredthsSql(RATES[name].numerator, RATES[name].denominator)

/** The rank of a template among those after the start of the page; 0 for those before it. */
const rankSql = ({ columns, idSql }: ListOrder, { afterSql }: ListQuery) => {
  const order = [...columns.map(([sql, direction]) => `${sql} ${direction}`), idSql].join(', ')
  if (afterSql === '') return `row_number() OVER (ORDER BY ${order})`
  return `if(${afterSql}, row_number() OVER (PARTITION BY ${afterSql} ORDER BY ${order}), 0)`
}
