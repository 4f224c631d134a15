import { rate } from '../../analytics/rates.ts'
import type { Sequences } from '../../analytics/sequences.ts'
import { h } from '../dom.ts'
import { card } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createTiles } from '../widgets/tiles.ts'
import type { Body, Choose } from './body.ts'
import { partBy, startOf } from './message-lines.ts'

type Sequence = Sequences['topSequences'][number]
type Step = Sequences['stepFunnel'][number]

export function createSequences(choose: Choose): Body<'sequences'> {
  const tiles = createTiles<Sequences['summary']>('Totals', [
    { label: 'Enrollments', colour: 'sent', value: (of) => of.totalEnrollments },
    { label: 'Active', value: (of) => of.activeEnrollments, more: 'neither' },
    { label: 'Completed', colour: 'clicked', value: (of) => of.completedEnrollments },
    {
      label: 'Replied',
      colour: 'opened',
      value: (of) => of.repliedEnrollments,
      rate: { label: 'of enrollments', value: (of) => of.avgReplyRate },
    },
  ])
  const funnel = createTable<Step>({
    caption: 'Steps of the sequences',
    empty: 'No step was executed in these days.',
    columns: [
      { label: 'Step', kind: 'label', value: ({ stepNumber }) => `Step ${stepNumber}` },
      {
        label: 'Executed',
        kind: 'count',
        value: ({ executed }) => executed,
        part: partBy<Step>(({ executed }) => executed),
      },
      { label: 'Replied', kind: 'count', value: ({ replied }) => replied },
      { label: 'Reply rate', kind: 'rate', value: ({ replied, executed }) => rate(replied, executed) },
    ],
  })
  funnel.element.classList.add('funnel')
  const series = createLineChart<Sequences['timeSeries'][number]>({
    title: 'Sequences by day',
    lines: [
      { label: 'Enrolled', colour: 'sent', value: (point) => point.enrolled },
      { label: 'Steps executed', colour: 'delivered', value: (point) => point.executed },
      { label: 'Replied', colour: 'opened', value: (point) => point.replied },
      { label: 'Completed', colour: 'clicked', value: (point) => point.completed },
    ],
    start: startOf,
  })
  const top = createTable<Sequence>({
    caption: 'Top sequences',
    empty: 'No sequence in these days.',
    choose: ({ sequenceId }) => choose(sequenceId),
    chooseLabel: 'Show this sequence only',
    columns: [
      { label: 'Sequence', kind: 'name', value: ({ name }) => name },
      {
        label: 'Enrollments',
        kind: 'count',
        value: ({ enrollments }) => enrollments,
        part: partBy<Sequence>(({ enrollments }) => enrollments),
      },
      { label: 'Active', kind: 'count', value: ({ active }) => active },
      { label: 'Completed', kind: 'count', value: ({ completed }) => completed },
      { label: 'Replied', kind: 'count', value: ({ replied }) => replied },
      { label: 'Reply rate', kind: 'rate', value: ({ replyRate }) => replyRate },
    ],
  })
  return {
    element: h(
      'div',
      { class: 'stack' },
      tiles.element,
      h(
        'div',
        { class: 'columns' },
        card('Step funnel', 'How far enrollments get, and where they reply', funnel.element),
        card('By day', undefined, series.element),
      ),
      card('Top sequences', 'The first 10 by enrollments; an export holds all', top.element),
    ),
    isEmpty: ({ summary }) => summary.totalEnrollments === 0,
    show({ now, before, zone }) {
      tiles.show(now.summary, before?.summary)
      funnel.show(now.stepFunnel)
      series.show(now.timeSeries, zone, 'day')
      top.show(now.topSequences)
    },
  }
}
