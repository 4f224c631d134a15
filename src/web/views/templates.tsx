import type { Templates } from '../../analytics/dashboards/templates.ts'
import { Card } from '../components/card.tsx'
import { EntityTable } from '../components/entity-table.tsx'
import { Note } from '../components/note.tsx'
import { messages } from '../messages/messages.ts'
import { columnTexts, metricColumn, openAndClickNote } from './message-metrics.ts'
import { type DashboardData, defineDashboardView, type ViewProps } from './view.ts'

type Template = Templates['topTemplates'][number]

export const view = defineDashboardView({
  dashboard: 'templates',
  icon: 'M4 2.5h5l3.5 3.5v7.5H4zM9 2.5V6h3.5M6.5 9h3.5M6.5 11h3.5',
  cardCount: 0,
  isEmpty: ({ topTemplates }) => topTemplates.length === 0,
  Content: TemplatesView,
})

function TemplatesView({ data: { current } }: ViewProps<DashboardData<'templates'>>) {
  const texts = messages().views.templates
  return (
    <>
      <Note>{openAndClickNote()}</Note>
      <Card title={texts.list}>
        <EntityTable<Template>
          id="templates"
          caption={texts.list}
          nameLabel={texts.name}
          entityId={({ templateId }) => templateId}
          rows={current.topTemplates}
          hasMore={current.nextCursor !== undefined}
          initialSorting={{ columnId: 'openRate', direction: 'descending' }}
          columns={[
            { ...metricColumn('openRate'), hasBar: true },
            metricColumn('clickRate'),
            { ...columnTexts('sent'), id: 'sent', value: ({ usageCount }) => usageCount },
            metricColumn('delivered'),
            metricColumn('opened'),
            metricColumn('clicked'),
          ]}
        />
      </Card>
    </>
  )
}
