import type { Templates } from '../../analytics/dashboards/templates.ts'
import { h } from '../dom.ts'
import { createCard } from '../widgets/card.ts'
import { type Column, createTable } from '../widgets/table.ts'
import type { View, SelectEntity } from './view.ts'
import { RATE_NOTE } from './message-series.ts'

type Template = Templates['topTemplates'][number]

const COLUMNS: readonly Column<Template>[] = [
  { label: 'Template', kind: 'name', value: ({ name }) => name },
  {
    label: 'Open rate',
    kind: 'rate',
    value: ({ openRate }) => openRate,
    barShare: ({ openRate }, rows) => openRate / Math.max(100, ...rows.map((row) => row.openRate)),
  },
  { label: 'Click rate', kind: 'rate', value: ({ clickRate }) => clickRate },
  { label: 'Sent', kind: 'count', value: ({ usageCount }) => usageCount },
  { label: 'Delivered', kind: 'count', value: ({ delivered }) => delivered },
  { label: 'Opened', kind: 'count', value: ({ opened }) => opened },
  { label: 'Clicked', kind: 'count', value: ({ clicked }) => clicked },
]

export function createTemplatesView(select: SelectEntity): View<'templates'> {
  const table = (caption: string) =>
    createTable<Template>({
      caption,
      columns: COLUMNS,
      emptyText: 'No template was used in these days.',
      onSelect: ({ templateId }) => select(templateId),
      selectLabel: 'Show this template only',
    })
  const best = table('Best templates')
  const worst = table('Worst templates')
  return {
    element: h(
      'div',
      { class: 'stack' },
      h('p', { class: 'small' }, RATE_NOTE),
      createCard('Best', 'The 10 opened most, then clicked most; an export holds all', best.element),
      createCard('Worst', 'The 10 opened least: worth another subject line', worst.element),
    ),
    isEmpty: ({ topTemplates }) => topTemplates.length === 0,
    show({ current }) {
      best.show(current.topTemplates)
      worst.show(current.worstPerforming)
    },
  }
}
