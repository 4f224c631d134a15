import { type Static, Type } from '@sinclair/typebox'
import { type Dashboard, equalityFilter } from './dashboard.ts'
import { FOUR_OF_TYPES_SQL, IS_MESSAGE_SQL } from './message-counts.ts'
import { type FourCounts } from './message-totals.ts'
import { findNames } from './names.ts'
import { tenantQuery } from './query.ts'
import { rate, rateSql } from './rates.ts'
import { COUNT_SQL, countsSql, DAYS } from './roll-up.ts'
import {
  channelParameter,
  clickRate,
  count,
  entityIdParameter,
  limitParameter,
  minUsageParameter,
  object,
  openRate,
  rangeParameters,
  text,
} from './schemas.ts'

export const TemplatesParameters = object(
  {
    ...rangeParameters('30d'),
    templateId: entityIdParameter('template'),
    channel: channelParameter(),
    limit: limitParameter(),
    minUsage: minUsageParameter(),
  },
  'What the templates dashboard can be asked.',
)

const Template = object(
  {
    templateId: text('Id of the template'),
    name: text('Its newest known name, else its id'),
    usageCount: count('Messages sent with it'),
    delivered: count('Messages delivered'),
    opened: count('Opens'),
    clicked: count('Clicks'),
    openRate: openRate(),
    clickRate: clickRate(),
  },
  'One template.',
)

export const Templates = object(
  {
    topTemplates: Type.Array(Template, {
      description: 'Best first: by open rate, then click rate, then usage, ties by id.',
    }),
    worstPerforming: Type.Array(Template, {
      description: 'Worst first: the same order from its other end, ties by id.',
    }),
  },
  'The best and the worst templates of a range.',
)
export type Templates = Static<typeof Templates>

export interface TemplatesFilters {
  readonly templateId?: string | undefined
  readonly channel?: string | undefined
  readonly limit?: number | undefined
  readonly minUsage?: number | undefined
}

interface Row extends FourCounts {
  template: string
  best: number
  worst: number
}

/** Both lists in one reading: each template with its place from the top and from the bottom. */
const sql = (counts: string) => `
  SELECT template, sent, delivered, opened, clicked,
    row_number() OVER (ORDER BY open_rate DESC, click_rate DESC, sent DESC, template) AS best,
    row_number() OVER (ORDER BY open_rate, click_rate, sent, template) AS worst
  FROM (
    SELECT *, ${rateSql('opened', 'delivered')} AS open_rate, ${rateSql('clicked', 'delivered')} AS click_rate
    FROM (SELECT assumeNotNull(template_id) AS template, ${FOUR_OF_TYPES_SQL} FROM ${counts} GROUP BY template)
    WHERE sent >= {minUsage:UInt32}
  )
  QUALIFY best <= {limit:UInt32} OR worst <= {limit:UInt32}`

export const templates: Dashboard<TemplatesFilters, Templates> = async (
  port,
  { tenantId, range, templateId, channel, limit = 10, minUsage = 1 },
) => {
  const byId = equalityFilter('template_id', 'templateId', templateId)
  const byChannel = equalityFilter('channel', 'channel', channel)
  const counts = countsSql({
    rollUp: DAYS,
    range,
    keys: ['template_id', 'event_type'],
    counts: COUNT_SQL,
    eventTypesSql: IS_MESSAGE_SQL,
    filter: ` AND template_id IS NOT NULL${byId.sql}${byChannel.sql}`,
  })
  const rows = await port.query(
    tenantId,
    tenantQuery<Row>('templates', sql(counts.sql), {
      ...counts.parameters,
      ...byId.parameters,
      ...byChannel.parameters,
      limit,
      minUsage: Math.max(1, minUsage),
    }),
  )
  const name = await findNames(
    port,
    tenantId,
    'template',
    rows.map((row) => row.template),
  )
  const list = (place: 'best' | 'worst') =>
    rows
      .filter((row) => row[place] <= limit)
      .toSorted((a, b) => a[place] - b[place])
      .map(({ template, sent, delivered, opened, clicked }) => ({
        templateId: template,
        name: name(template),
        usageCount: sent,
        delivered,
        opened,
        clicked,
        openRate: rate(opened, delivered),
        clickRate: rate(clicked, delivered),
      }))
  return { topTemplates: list('best'), worstPerforming: list('worst') }
}
