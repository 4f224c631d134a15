import type { Templates } from '../../analytics/dashboards/templates.ts'
import { h } from '../dom.ts'
import { createCard } from '../widgets/card.ts'
import { type Column, createTable } from '../widgets/table.ts'
import { defineView, type SelectEntity, type View } from './view.ts'
import { messageColumn, RATE_NOTE, rateColumn } from './message-series.ts'
import { COUNTS } from '../../analytics/metrics.ts'

type Template = Templates['topTemplates'][number]

const COLUMNS: readonly Column<Template>[] = [
  { label: 'Template', kind: 'name', value: ({ name }) => name },
  {
    ...rateColumn('openRate'),
    barShare: ({ openRate }, rows) => openRate / Math.max(100, ...rows.map((row) => row.openRate)),
  },
  rateColumn('clickRate'),
  { label: COUNTS.sent.label, kind: 'count', value: ({ usageCount }) => usageCount },
  messageColumn('delivered'),
  messageColumn('opened'),
  messageColumn('clicked'),
]

export const templatesView = defineView({
  id: 'templates',
  dashboard: 'templates',
  title: 'Templates',
  subtitle: 'Which templates are opened, and which are not',
  create: createTemplatesView,
})

function createTemplatesView(select: SelectEntity): View<'templates'> {
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
