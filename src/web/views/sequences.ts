import { rate } from '../../analytics/rates.ts'
import type { Sequences } from '../../analytics/dashboards/sequences.ts'
import { h } from '../dom.ts'
import { createCard } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createKpiCards } from '../widgets/kpi-cards.ts'
import { defineView, type SelectEntity, type View } from './view.ts'
import { bucketStartOf, rateColumn, shareOfLargest } from './message-series.ts'
import { COUNTS, RATES } from '../../analytics/metrics.ts'

type Sequence = Sequences['topSequences'][number]
type Step = Sequences['stepFunnel'][number]

export const sequencesView = defineView({
  id: 'sequences',
  dashboard: 'sequences',
  title: 'Sequences',
  subtitle: 'Who is enrolled, who replies, and at which step',
  create: createSequencesView,
})

function createSequencesView(select: SelectEntity): View<'sequences'> {
  const kpiCards = createKpiCards<Sequences['summary']>('Totals', [
    { label: COUNTS.enrollments.label, colour: 'sent', value: (of) => of.totalEnrollments },
    { label: COUNTS.activeEnrollments.label, value: (of) => of.activeEnrollments, increaseIs: 'neither' },
    { label: COUNTS.completedEnrollments.label, colour: 'clicked', value: (of) => of.completedEnrollments },
    {
      label: COUNTS.repliedEnrollments.label,
      colour: 'opened',
      value: (of) => of.repliedEnrollments,
      rate: { label: 'of enrollments', value: (of) => of.avgReplyRate },
    },
  ])
  const funnel = createTable<Step>({
    caption: 'Steps of the sequences',
    emptyText: 'No step was executed in these days.',
    columns: [
      { label: 'Step', kind: 'label', value: ({ stepNumber }) => `Step ${stepNumber}` },
      {
        label: COUNTS.stepsExecuted.label,
        kind: 'count',
        value: ({ executed }) => executed,
        barShare: shareOfLargest<Step>(({ executed }) => executed),
      },
      { label: COUNTS.repliedEnrollments.label, kind: 'count', value: ({ replied }) => replied },
      { label: RATES.replyRate.label, kind: 'rate', value: ({ replied, executed }) => rate(replied, executed) },
    ],
  })
  funnel.element.classList.add('funnel')
  const series = createLineChart<Sequences['timeSeries'][number]>({
    title: 'Sequences by day',
    lines: [
      { label: 'Enrolled', colour: 'sent', value: (point) => point.enrolled },
      { label: 'Steps executed', colour: 'delivered', value: (point) => point.executed },
      { label: COUNTS.repliedEnrollments.label, colour: 'opened', value: (point) => point.replied },
      { label: COUNTS.completedEnrollments.label, colour: 'clicked', value: (point) => point.completed },
    ],
    start: bucketStartOf,
  })
  const top = createTable<Sequence>({
    caption: 'Top sequences',
    emptyText: 'No sequence in these days.',
    onSelect: ({ sequenceId }) => select(sequenceId),
    selectLabel: 'Show this sequence only',
    columns: [
      { label: 'Sequence', kind: 'name', value: ({ name }) => name },
      {
        label: COUNTS.enrollments.label,
        kind: 'count',
        value: ({ enrollments }) => enrollments,
        barShare: shareOfLargest<Sequence>(({ enrollments }) => enrollments),
      },
      { label: COUNTS.activeEnrollments.label, kind: 'count', value: ({ active }) => active },
      { label: COUNTS.completedEnrollments.label, kind: 'count', value: ({ completed }) => completed },
      { label: COUNTS.repliedEnrollments.label, kind: 'count', value: ({ replied }) => replied },
      rateColumn('replyRate'),
    ],
  })
  return {
    element: h(
      'div',
      { class: 'stack' },
      kpiCards.element,
      h(
        'div',
        { class: 'columns' },
        createCard('Step funnel', 'How far enrollments get, and where they reply', funnel.element),
        createCard('By day', undefined, series.element),
      ),
      createCard('Top sequences', 'The first 10 by enrollments; an export holds all', top.element),
    ),
    isEmpty: ({ summary }) => summary.totalEnrollments === 0,
    show({ current, previous, zone }) {
      kpiCards.show(current.summary, previous?.summary)
      funnel.show(current.stepFunnel)
      series.show(current.timeSeries, zone, 'day')
      top.show(current.topSequences)
    },
  }
}
