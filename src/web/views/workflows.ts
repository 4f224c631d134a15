import type { Workflows } from '../../analytics/dashboards/workflows.ts'
import { h } from '../dom.ts'
import { createCard } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createKpiCards } from '../widgets/kpi-cards.ts'
import { defineView, type SelectEntity, type View } from './view.ts'
import { bucketStartOf, formulas, rateColumn, shareOfLargest } from './message-series.ts'
import { COUNTS } from '../../analytics/metrics.ts'

type Workflow = Workflows['topWorkflows'][number]

export const workflowsView = defineView({
  id: 'workflows',
  dashboard: 'workflows',
  title: 'Workflows',
  subtitle: 'How runs end, and how many reach their goal',
  create: createWorkflowsView,
})

function createWorkflowsView(select: SelectEntity): View<'workflows'> {
  const kpiCards = createKpiCards<Workflows['summary']>('Totals', [
    { label: COUNTS.runs.label, colour: 'sent', value: (of) => of.totalRuns },
    {
      label: COUNTS.runsCompleted.label,
      colour: 'delivered',
      value: (of) => of.completedRuns,
      rate: { label: 'of runs', value: (of) => of.avgCompletionRate },
    },
    {
      label: COUNTS.runsGoalReached.label,
      colour: 'opened',
      value: (of) => of.goalReachedRuns,
      rate: { label: 'of completed', value: (of) => of.avgConversionRate },
    },
    { label: COUNTS.runsFailed.label, colour: 'bounced', value: (of) => of.failedRuns, increaseIs: 'bad' },
  ])
  const series = createLineChart<Workflows['timeSeries'][number]>({
    title: 'Workflow runs by day',
    lines: [
      { label: 'Started', colour: 'sent', value: (point) => point.started },
      { label: COUNTS.runsCompleted.label, colour: 'delivered', value: (point) => point.completed },
      { label: COUNTS.runsGoalReached.label, colour: 'opened', value: (point) => point.goalReached },
      { label: COUNTS.runsFailed.label, colour: 'bounced', value: (point) => point.failed },
    ],
    start: bucketStartOf,
  })
  const top = createTable<Workflow>({
    caption: 'Top workflows',
    emptyText: 'No workflow ran in these days.',
    onSelect: ({ workflowId }) => select(workflowId),
    selectLabel: 'Show this workflow only',
    columns: [
      { label: 'Workflow', kind: 'name', value: ({ name }) => name },
      {
        label: COUNTS.runs.label,
        kind: 'count',
        value: ({ runs }) => runs,
        barShare: shareOfLargest<Workflow>(({ runs }) => runs),
      },
      { label: COUNTS.runsCompleted.label, kind: 'count', value: ({ completed }) => completed },
      { label: COUNTS.runsGoalReached.label, kind: 'count', value: ({ goalReached }) => goalReached },
      { label: COUNTS.runsFailed.label, kind: 'count', value: ({ failed }) => failed },
      rateColumn('completionRate'),
      rateColumn('conversionRate'),
    ],
  })
  return {
    element: h(
      'div',
      { class: 'stack' },
      kpiCards.element,
      h(
        'p',
        { class: 'small' },
        `${formulas('completionRate', 'conversionRate')}. They can exceed 100 %, because runs that started before the range count as completed in it.`,
      ),
      createCard('By day', undefined, series.element),
      createCard('Top workflows', 'The first 10 by runs; an export holds all', top.element),
    ),
    isEmpty: ({ summary }) => Object.values(summary).every((number) => number === 0),
    show({ current, previous, zone }) {
      kpiCards.show(current.summary, previous?.summary)
      series.show(current.timeSeries, zone, 'day')
      top.show(current.topWorkflows)
    },
  }
}
