import type { Templates } from '../../analytics/templates.ts'
import { h } from '../dom.ts'
import { card } from '../widgets/card.ts'
import { type Column, createTable } from '../widgets/table.ts'
import type { Body, Choose } from './body.ts'
import { RATE_NOTE } from './message-lines.ts'

type Template = Templates['topTemplates'][number]

const COLUMNS: readonly Column<Template>[] = [
  { label: 'Template', kind: 'name', value: ({ name }) => name },
  {
    label: 'Open rate',
    kind: 'rate',
    value: ({ openRate }) => openRate,
    part: ({ openRate }, rows) => openRate / Math.max(100, ...rows.map((row) => row.openRate)),
  },
  { label: 'Click rate', kind: 'rate', value: ({ clickRate }) => clickRate },
  { label: 'Sent', kind: 'count', value: ({ usageCount }) => usageCount },
  { label: 'Delivered', kind: 'count', value: ({ delivered }) => delivered },
  { label: 'Opened', kind: 'count', value: ({ opened }) => opened },
  { label: 'Clicked', kind: 'count', value: ({ clicked }) => clicked },
]

export function createTemplates(choose: Choose): Body<'templates'> {
  const table = (caption: string) =>
    createTable<Template>({
      caption,
      columns: COLUMNS,
      empty: 'No template was used in these days.',
      choose: ({ templateId }) => choose(templateId),
      chooseLabel: 'Show this template only',
    })
  const best = table('Best templates')
  const worst = table('Worst templates')
  return {
    element: h(
      'div',
      { class: 'stack' },
      h('p', { class: 'small' }, RATE_NOTE),
      card('Best', 'The 10 opened most, then clicked most; an export holds all', best.element),
      card('Worst', 'The 10 opened least: worth another subject line', worst.element),
    ),
    isEmpty: ({ topTemplates }) => topTemplates.length === 0,
    show({ now }) {
      best.show(now.topTemplates)
      worst.show(now.worstPerforming)
    },
  }
}
