import { type CoreMessageCounts, ZERO_MESSAGE_COUNTS } from '../../analytics/message-counts.ts'
import type { Templates } from '../../analytics/dashboards/templates.ts'
import { rateOf } from '../../analytics/metrics.ts'
import { Card } from '../components/card.tsx'
import { EntityTable } from '../components/entity-table.tsx'
import { KpiCards } from '../components/kpi/kpi-cards.tsx'
import { Note } from '../components/note.tsx'
import { messages } from '../messages/messages.ts'
import { messageCards, sumMessageCounts } from './message-cards.ts'
import { columnTexts, metricColumn, openAndClickNote, rateOrNoData } from './message-metrics.ts'
import { type DashboardData, defineDashboardView, type ViewProps } from './view.ts'

type Template = Templates['topTemplates'][number]

export const view = defineDashboardView({
  dashboard: 'templates',
  icon: 'M4 2.5h5l3.5 3.5v7.5H4zM9 2.5V6h3.5M6.5 9h3.5M6.5 11h3.5',
  cardCount: 0,
  entityCardCount: 4,
  isEmpty: ({ topTemplates }) => topTemplates.length === 0,
  entityName: ({ topTemplates }) => topTemplates[0]?.name,
  Content: TemplatesView,
})

function TemplatesView({ data, viewState }: ViewProps<DashboardData<'templates'>>) {
  return viewState.id === undefined ? <TemplateList {...data} /> : <TemplatePage {...data} />
}

function TemplatePage({ current, previous }: DashboardData<'templates'>) {
  const cards = messageCards({
    current: countsOf(current.topTemplates[0]),
    previous: previous && countsOf(previous.topTemplates[0]),
  })
  return (
    <>
      <KpiCards cards={cards} />
      <Note>{openAndClickNote()}</Note>
    </>
  )
}

/** One table instead of the best and the worst: its headings sort by any number, in both directions. */
function TemplateList({ current }: DashboardData<'templates'>) {
  const texts = messages().views.templates
  const hasMore = current.nextCursor !== undefined
  // The service gives no totals of templates, so a list that is not complete has none.
  const totals = hasMore ? undefined : sumMessageCounts(current.topTemplates.map(countsOf))
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
          hasMore={hasMore}
          initialSorting={{ columnId: 'openRate', direction: 'descending' }}
          columns={[
            {
              ...metricColumn('openRate', totals && rateOrNoData(rateOf('openRate', totals), totals.delivered)),
              hasBar: true,
            },
            metricColumn('clickRate', totals && rateOrNoData(rateOf('clickRate', totals), totals.delivered)),
            { ...columnTexts('sent'), id: 'sent', value: ({ usageCount }) => usageCount, total: totals?.sent },
            metricColumn('delivered', totals?.delivered),
            metricColumn('opened', totals?.opened),
            metricColumn('clicked', totals?.clicked),
          ]}
        />
      </Card>
    </>
  )
}

function countsOf(template: Template | undefined): CoreMessageCounts {
  return template ? { ...template, sent: template.usageCount } : ZERO_MESSAGE_COUNTS
}
