import type { Workflows } from '../../analytics/dashboards/workflows.ts'
import { h } from '../dom.ts'
import { createCard } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createKpiCards } from '../widgets/kpi-cards.ts'
import type { View, SelectEntity } from './view.ts'
import { shareOfLargest, bucketStartOf } from './message-series.ts'

type Workflow = Workflows['topWorkflows'][number]

export function createWorkflowsView(select: SelectEntity): View<'workflows'> {
  const kpiCards = createKpiCards<Workflows['summary']>('Totals', [
    { label: 'Runs', colour: 'sent', value: (of) => of.totalRuns },
    {
      label: 'Completed',
      colour: 'delivered',
      value: (of) => of.completedRuns,
      rate: { label: 'of runs', value: (of) => of.avgCompletionRate },
    },
    {
      label: 'Goal reached',
      colour: 'opened',
      value: (of) => of.goalReachedRuns,
      rate: { label: 'of completed', value: (of) => of.avgConversionRate },
    },
    { label: 'Failed', colour: 'bounced', value: (of) => of.failedRuns, increaseIs: 'bad' },
  ])
  const series = createLineChart<Workflows['timeSeries'][number]>({
    title: 'Workflow runs by day',
    lines: [
      { label: 'Started', colour: 'sent', value: (point) => point.started },
      { label: 'Completed', colour: 'delivered', value: (point) => point.completed },
      { label: 'Goal reached', colour: 'opened', value: (point) => point.goalReached },
      { label: 'Failed', colour: 'bounced', value: (point) => point.failed },
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
        label: 'Runs',
        kind: 'count',
        value: ({ runs }) => runs,
        barShare: shareOfLargest<Workflow>(({ runs }) => runs),
      },
      { label: 'Completed', kind: 'count', value: ({ completed }) => completed },
      { label: 'Goal reached', kind: 'count', value: ({ goalReached }) => goalReached },
      { label: 'Failed', kind: 'count', value: ({ failed }) => failed },
      { label: 'Completion', kind: 'rate', value: ({ completionRate }) => completionRate },
      { label: 'Conversion', kind: 'rate', value: ({ conversionRate }) => conversionRate },
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
        'Completion = completed ÷ started runs, conversion = goals ÷ completed runs, each of these days. Runs that started before them can lift it above 100 %.',
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
