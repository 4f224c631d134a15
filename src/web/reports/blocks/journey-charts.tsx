/** What each chart shows of the dashboards about runs and enrollments. */
import { Funnel } from '../../charts/funnel.tsx'
import { KpiCards } from '../../components/kpi/kpi-cards.tsx'
import { messages } from '../../messages/messages.ts'
import { columnTexts, metricColumn } from '../../views/message-metrics.ts'
import { olderDataOf } from '../../views/older-data.ts'
import { bars, type DashboardCharts, entityTable, lines, startOfPoint } from './dashboard-parts.tsx'

export const WORKFLOW_CHARTS: DashboardCharts<'workflows'> = {
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
      timeOf: startOfPoint,
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
}

export const SEQUENCE_CHARTS: DashboardCharts<'sequences'> = {
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
      timeOf: startOfPoint,
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
}
