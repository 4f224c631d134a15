/** What each chart shows of each dashboard. */
import type { ComponentChildren } from 'preact'
import type { DashboardName, DataOf } from '../../../analytics/dashboards/dashboards.ts'
import { Funnel } from '../../charts/funnel.tsx'
import { HeatMap } from '../../charts/heat-map.tsx'
import { weekMatrix } from '../../charts/week-matrix.ts'
import type { Chart } from '../../../reports/report-parts.ts'
import { KpiCards } from '../../components/kpi/kpi-cards.tsx'
import { engagementColumns } from '../../engagement/engagement-columns.ts'
import { engagementLines, READING_LINES } from '../../engagement/engagement-lines.ts'
import { engagementCards } from '../../engagement/engagement-cards.ts'
import { channelName } from '../../format/channel-name.ts'
import { weekdayName } from '../../format/dates.ts'
import { messages } from '../../messages/messages.ts'
import { columnTexts, eventLines, metricColumn } from '../../views/message-metrics.ts'
import { olderDataOf } from '../../views/older-data.ts'
import type { BlockProps } from './block-props.ts'
import { bars, type Engaged, entityTable, lines, outcomes, total } from './dashboard-parts.tsx'

type Context = Omit<BlockProps<unknown>, 'data'>
export type DrawDashboard<Name extends DashboardName> = (data: DataOf<Name>, context: Context) => ComponentChildren
type Charts<Name extends DashboardName> = Partial<Record<Chart, DrawDashboard<Name>>>

export const CHARTS_OF_DASHBOARDS: { readonly [Name in DashboardName]: Charts<Name> } = {
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
    table: ({ timeSeries }, context) => entityTable(context, { rows: timeSeries, timeOf, columns: READING_COLUMNS() }),
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
  workflows: {
    number: (data) => {
      const older = olderDataOf<'workflows'>(data)?.summary
      return (
        <KpiCards
          cards={[
            { metric: 'runs', value: data.summary.totalRuns, previous: older?.totalRuns },
            { metric: 'runsCompleted', value: data.summary.completedRuns, previous: older?.completedRuns },
            { metric: 'runsGoalReached', value: data.summary.goalReachedRuns, previous: older?.goalReachedRuns },
            { metric: 'runsFailed', value: data.summary.failedRuns, previous: older?.failedRuns },
          ]}
        />
      )
    },
    line: ({ timeSeries }, context) => {
      const { metrics, views } = messages()
      return lines(context, {
        points: timeSeries,
        timeOf,
        lines: [
          { id: 'started', label: views.workflows.started, colour: 'runs', value: (point) => point.started },
          {
            id: 'completed',
            label: metrics.runsCompleted.label,
            colour: 'runsCompleted',
            value: (point) => point.completed,
          },
          {
            id: 'goalReached',
            label: metrics.runsGoalReached.label,
            colour: 'runsGoalReached',
            value: (point) => point.goalReached,
          },
          { id: 'failed', label: metrics.runsFailed.label, colour: 'runsFailed', value: (point) => point.failed },
        ],
      })
    },
    bar: ({ topWorkflows }, { block }) =>
      bars(
        block,
        topWorkflows.map(({ name, runs }) => [name, runs]),
      ),
    table: ({ topWorkflows }, context) =>
      entityTable(context, {
        rows: topWorkflows,
        nameLabel: messages().views.workflows.name,
        idOf: ({ workflowId }) => workflowId,
        columns: [
          { ...metricColumn('runs'), hasBar: true },
          { ...columnTexts('runsCompleted'), id: 'completed', value: (row) => row.completed },
          { ...columnTexts('runsGoalReached'), id: 'goalReached', value: (row) => row.goalReached },
          { ...columnTexts('runsFailed'), id: 'failed', value: (row) => row.failed },
          metricColumn('completionRate'),
          metricColumn('conversionRate'),
        ],
      }),
  },
  sequences: {
    number: (data) => {
      const older = olderDataOf<'sequences'>(data)?.summary
      return (
        <KpiCards
          cards={[
            { metric: 'enrollments', value: data.summary.totalEnrollments, previous: older?.totalEnrollments },
            {
              metric: 'completedEnrollments',
              value: data.summary.completedEnrollments,
              previous: older?.completedEnrollments,
            },
            {
              metric: 'repliedEnrollments',
              value: data.summary.repliedEnrollments,
              previous: older?.repliedEnrollments,
            },
          ]}
        />
      )
    },
    line: ({ timeSeries }, context) => {
      const { metrics, views } = messages()
      return lines(context, {
        points: timeSeries,
        timeOf,
        lines: [
          { id: 'enrolled', label: views.sequences.enrolled, colour: 'enrollments', value: (point) => point.enrolled },
          {
            id: 'executed',
            label: views.sequences.stepsExecuted,
            colour: 'stepsExecuted',
            value: (point) => point.executed,
          },
          {
            id: 'replied',
            label: metrics.repliedEnrollments.label,
            colour: 'repliedEnrollments',
            value: (point) => point.replied,
          },
        ],
      })
    },
    bar: ({ topSequences }, { block }) =>
      bars(
        block,
        topSequences.map(({ name, enrollments }) => [name, enrollments]),
      ),
    table: ({ topSequences }, context) =>
      entityTable(context, {
        rows: topSequences,
        nameLabel: messages().views.sequences.name,
        idOf: ({ sequenceId }) => sequenceId,
        columns: [
          { ...metricColumn('enrollments'), hasBar: true },
          { ...columnTexts('activeEnrollments'), id: 'active', value: (row) => row.active },
          { ...columnTexts('completedEnrollments'), id: 'completed', value: (row) => row.completed },
          { ...columnTexts('repliedEnrollments'), id: 'replied', value: (row) => row.replied },
          metricColumn('replyRate'),
        ],
      }),
    funnel: ({ stepFunnel }, { block }) => (
      <Funnel
        title={block.title}
        steps={stepFunnel.map(({ stepNumber, executed }) => ({
          id: String(stepNumber),
          label: messages().views.sequences.step(String(stepNumber)),
          value: executed,
        }))}
      />
    ),
  },
  traffic: {
    number: (data) => {
      const older = olderDataOf<'traffic'>(data)
      return (
        <KpiCards
          cards={[{ metric: 'sent', value: total(data.byDayOfWeek), previous: older && total(older.byDayOfWeek) }]}
        />
      )
    },
    line: ({ timeSeries }, context) => lines(context, { points: timeSeries, timeOf, lines: [sentLine()] }),
    bar: ({ byDayOfWeek }, { block }) =>
      bars(
        block,
        byDayOfWeek.map(({ messageCount }, weekday) => [weekdayName(weekday, 'long'), messageCount]),
      ),
    table: ({ timeSeries }, context) =>
      entityTable(context, {
        rows: timeSeries,
        timeOf,
        columns: [{ ...columnTexts('sent'), id: 'sent', value: ({ messageCount }) => messageCount }],
      }),
    heatmap: ({ timeSeries }, { block, zone, asOf }) => (
      <HeatMap title={block.title} matrix={weekMatrix(timeSeries, zone, asOf)} />
    ),
  },
}

const timeOf = ({ timestamp }: { readonly timestamp: string }) => timestamp
const READING = {
  timeOf,
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
