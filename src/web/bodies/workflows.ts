import type { Workflows } from '../../analytics/workflows.ts'
import { h } from '../dom.ts'
import { card } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createTiles } from '../widgets/tiles.ts'
import type { Body, Choose } from './body.ts'
import { partBy, startOf } from './message-lines.ts'

type Workflow = Workflows['topWorkflows'][number]

export function createWorkflows(choose: Choose): Body<'workflows'> {
  const tiles = createTiles<Workflows['summary']>('Totals', [
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
    { label: 'Failed', colour: 'bounced', value: (of) => of.failedRuns, more: 'bad' },
  ])
  const series = createLineChart<Workflows['timeSeries'][number]>({
    title: 'Workflow runs by day',
    lines: [
      { label: 'Started', colour: 'sent', value: (point) => point.started },
      { label: 'Completed', colour: 'delivered', value: (point) => point.completed },
      { label: 'Goal reached', colour: 'opened', value: (point) => point.goalReached },
      { label: 'Failed', colour: 'bounced', value: (point) => point.failed },
    ],
    start: startOf,
  })
  const top = createTable<Workflow>({
    caption: 'Top workflows',
    empty: 'No workflow ran in these days.',
    choose: ({ workflowId }) => choose(workflowId),
    chooseLabel: 'Show this workflow only',
    columns: [
      { label: 'Workflow', kind: 'name', value: ({ name }) => name },
      { label: 'Runs', kind: 'count', value: ({ runs }) => runs, part: partBy<Workflow>(({ runs }) => runs) },
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
      tiles.element,
      h(
        'p',
        { class: 'small' },
        'Completion = completed ÷ started runs, conversion = goals ÷ completed runs, each of these days. Runs that started before them can lift it above 100 %.',
      ),
      card('By day', undefined, series.element),
      card('Top workflows', 'The first 10 by runs; an export holds all', top.element),
    ),
    isEmpty: ({ summary }) => Object.values(summary).every((number) => number === 0),
    show({ now, before, zone }) {
      tiles.show(now.summary, before?.summary)
      series.show(now.timeSeries, zone, 'day')
      top.show(now.topWorkflows)
    },
  }
}
