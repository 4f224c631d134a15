/** What each chart shows of the dashboards about runs and enrollments. */
import type { MetricName } from '../../../analytics/metrics.ts'
import { Funnel } from '../../charts/funnel.tsx'
import type { Line } from '../../charts/series.ts'
import { KpiCards } from '../../components/kpi/kpi-cards.tsx'
import type { Column } from '../../components/table/column.ts'
import { messages } from '../../messages/messages.ts'
import { columnTexts, metricColumn } from '../../metrics/message-metrics.ts'
import { olderDataOf } from '../../metrics/older-data.ts'
import { bars, type DashboardCharts, entityTable, lines, startOfPoint } from './dashboard-parts.tsx'

export const WORKFLOW_CHARTS: DashboardCharts<'workflows'> = {
  number: (data) =>
    numbers(data.summary, olderDataOf<'workflows'>(data)?.summary, {
      totalRuns: 'runs',
      completedRuns: 'runsCompleted',
      goalReachedRuns: 'runsGoalReached',
      failedRuns: 'runsFailed',
    }),
  line: ({ timeSeries }, context) =>
    lines(context, {
      points: timeSeries,
      timeOf: startOfPoint,
      lines: [
        line('started', 'runs', messages().views.workflows.started),
        line('completed', 'runsCompleted'),
        line('goalReached', 'runsGoalReached'),
        line('failed', 'runsFailed'),
      ],
    }),
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
        column('completed', 'runsCompleted'),
        column('goalReached', 'runsGoalReached'),
        column('failed', 'runsFailed'),
        metricColumn('completionRate'),
        metricColumn('conversionRate'),
      ],
    }),
}

export const SEQUENCE_CHARTS: DashboardCharts<'sequences'> = {
  number: (data) =>
    numbers(data.summary, olderDataOf<'sequences'>(data)?.summary, {
      totalEnrollments: 'enrollments',
      completedEnrollments: 'completedEnrollments',
      repliedEnrollments: 'repliedEnrollments',
    }),
  line: ({ timeSeries }, context) => {
    const { sequences } = messages().views
    return lines(context, {
      points: timeSeries,
      timeOf: startOfPoint,
      lines: [
        line('enrolled', 'enrollments', sequences.enrolled),
        line('executed', 'stepsExecuted', sequences.stepsExecuted),
        line('replied', 'repliedEnrollments'),
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
        column('active', 'activeEnrollments'),
        column('completed', 'completedEnrollments'),
        column('replied', 'repliedEnrollments'),
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

/** A card for each field of the summary that has a metric. */
function numbers<Field extends string>(
  summary: Readonly<Record<NoInfer<Field>, number>>,
  older: Readonly<Record<NoInfer<Field>, number>> | undefined,
  metricOf: Readonly<Record<Field, MetricName>>,
) {
  const fields = Object.keys(metricOf) as Field[]
  return (
    <KpiCards
      cards={fields.map((field) => ({ metric: metricOf[field], value: summary[field], previous: older?.[field] }))}
    />
  )
}

/** A line of points that have the metric under another name. */
function line<Field extends string>(
  field: Field,
  metric: MetricName,
  label = messages().metrics[metric].label,
): Line<Readonly<Record<Field, number>>> {
  return { id: field, label, colour: metric, value: (point) => point[field] }
}

/** A column of rows that have the metric under another name. */
function column<Field extends string>(field: Field, metric: MetricName): Column<Readonly<Record<Field, number>>> {
  return { ...columnTexts(metric), id: field, value: (row) => row[field] }
}
