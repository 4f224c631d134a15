/** What each chart shows of each dashboard. */
import type { DashboardName } from '../../../analytics/dashboards/dashboards.ts'
import { HeatMap } from '../../charts/heat-map.tsx'
import { weekMatrix } from '../../charts/week-matrix.ts'
import { KpiCards } from '../../components/kpi/kpi-cards.tsx'
import { engagementColumns } from '../../engagement/engagement-columns.ts'
import { engagementLines, READING_LINES } from '../../engagement/engagement-lines.ts'
import { engagementCards } from '../../engagement/engagement-cards.ts'
import { channelName } from '../../format/channel-name.ts'
import { weekdayName } from '../../format/dates.ts'
import { messages } from '../../messages/messages.ts'
import { columnTexts, eventLines, metricColumn } from '../../metrics/message-metrics.ts'
import { olderDataOf } from '../../metrics/older-data.ts'
import {
  bars,
  type DashboardCharts,
  type Engaged,
  entityTable,
  lines,
  outcomes,
  startOfPoint,
  total,
} from './dashboard-parts.tsx'
import { SEQUENCE_CHARTS, WORKFLOW_CHARTS } from './journey-charts.tsx'

export const CHARTS_OF_DASHBOARDS: { readonly [Name in DashboardName]: DashboardCharts<Name> } = {
  overview: {
    number: (data) => engagementNumbers(data, olderDataOf<'overview'>(data)),
    line: ({ trend }, context) => lines(context, { points: trend, lines: eventLines(), timeOf: ({ date }) => date }),
    bar: ({ byChannel }, { block }) =>
      bars(
        block,
        Object.entries(byChannel).map(([channel, { sent }]) => [channelName(channel), sent]),
      ),
    table: ({ trend }, context) =>
      entityTable(context, {
        rows: trend,
        timeOf: ({ date }) => date,
        columns: (['sent', 'delivered', 'opened', 'clicked'] as const).map((name) => metricColumn(name)),
      }),
    funnel: ({ engagement }, { block }) => outcomes(block, engagement),
  },
  messages: {
    number: (data) => engagementNumbers(data, olderDataOf<'messages'>(data)),
    line: (data, context) =>
      lines(context, { points: data.timeSeries, older: olderDataOf<'messages'>(data)?.timeSeries, ...READING }),
    bar: ({ byChannel }, { block }) =>
      bars(
        block,
        byChannel.map(({ channel, engagement }) => [channelName(channel), engagement.messages]),
      ),
    table: ({ timeSeries }, context) =>
      entityTable(context, { rows: timeSeries, timeOf: startOfPoint, columns: READING_COLUMNS() }),
    funnel: ({ engagement }, { block }) => outcomes(block, engagement),
  },
  campaigns: {
    number: (data) => engagementNumbers(data, olderDataOf<'campaigns'>(data)),
    line: (data, context) =>
      lines(context, { points: data.timeSeries, older: olderDataOf<'campaigns'>(data)?.timeSeries, ...READING }),
    bar: ({ topCampaigns }, { block }) =>
      bars(
        block,
        topCampaigns.map(({ name, engagement }) => [name, engagement.messages]),
      ),
    table: ({ topCampaigns }, context) =>
      entityTable(context, {
        rows: topCampaigns,
        nameLabel: messages().views.campaigns.name,
        idOf: ({ campaignId }) => campaignId,
        columns: engagementColumns(undefined),
      }),
    funnel: ({ engagement }, { block }) => outcomes(block, engagement),
  },
  templates: {
    bar: ({ topTemplates }, { block }) =>
      bars(
        block,
        topTemplates.map(({ name, engagement }) => [name, engagement.messages]),
      ),
    table: ({ topTemplates }, context) =>
      entityTable(context, {
        rows: topTemplates,
        nameLabel: messages().views.templates.name,
        idOf: ({ templateId }) => templateId,
        columns: engagementColumns(undefined),
      }),
  },
  workflows: WORKFLOW_CHARTS,
  sequences: SEQUENCE_CHARTS,
  traffic: {
    number: (data) => {
      const older = olderDataOf<'traffic'>(data)
      return (
        <KpiCards
          cards={[{ metric: 'sent', value: total(data.byDayOfWeek), previous: older && total(older.byDayOfWeek) }]}
        />
      )
    },
    line: ({ timeSeries }, context) =>
      lines(context, { points: timeSeries, timeOf: startOfPoint, lines: [sentLine()] }),
    bar: ({ byDayOfWeek }, { block }) =>
      bars(
        block,
        byDayOfWeek.map(({ messageCount }, weekday) => [weekdayName(weekday, 'long'), messageCount]),
      ),
    table: ({ timeSeries }, context) =>
      entityTable(context, {
        rows: timeSeries,
        timeOf: startOfPoint,
        columns: [{ ...columnTexts('sent'), id: 'sent', value: ({ messageCount }) => messageCount }],
      }),
    heatmap: ({ timeSeries }, { block, zone, asOf }) => (
      <HeatMap title={block.title} matrix={weekMatrix(timeSeries, zone, asOf)} />
    ),
  },
}

const READING = {
  timeOf: startOfPoint,
  get lines() {
    return engagementLines(READING_LINES)
  },
}
const READING_COLUMNS = () =>
  READING_LINES.map((name) => {
    const { label, definition } = messages().metrics[name]
    return {
      id: name,
      label,
      description: definition,
      kind: 'count' as const,
      value: ({ engagement }: { readonly engagement: Readonly<Record<typeof name, number>> }) => engagement[name],
    }
  })
const sentLine = () => ({
  id: 'sent',
  label: messages().metrics.sent.label,
  colour: 'sent',
  value: ({ messageCount }: { readonly messageCount: number }) => messageCount,
})

function engagementNumbers({ engagement }: Engaged, older: Engaged | undefined) {
  return <KpiCards cards={engagementCards({ current: engagement, previous: older?.engagement })} />
}
