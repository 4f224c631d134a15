import type { Templates } from '../../analytics/dashboards/templates.ts'
import { CORE_MESSAGE_METRICS, type CoreMessageCounts, ZERO_MESSAGE_COUNTS } from '../../analytics/message-counts.ts'
import { rateOf } from '../../analytics/metrics.ts'
import { Card } from '../components/card.tsx'
import { EntityTable } from '../components/entity-table.tsx'
import { KpiCards } from '../components/kpi/kpi-cards.tsx'
import { drilledColumns, useDrills } from '../drill-down/use-drills.ts'
import { BounceClasses } from '../engagement/bounce-classes.tsx'
import { engagementCards } from '../engagement/engagement-cards.ts'
import { ENGAGEMENT_COLUMNS, engagementColumns } from '../engagement/engagement-columns.ts'
import { EventTotals } from '../engagement/event-totals.tsx'
import { Openers } from '../engagement/openers.tsx'
import { messages } from '../messages/messages.ts'
import { NO_ENGAGEMENT } from '../metrics/engagement-rates.ts'
import { sumMessageCounts } from '../metrics/message-counts.ts'
import { EVENT_COLUMNS, eventColumn, eventColumnTexts, rateOrNoData } from '../metrics/message-metrics.ts'
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
  return viewState.id === undefined ? <TemplateList {...data} sort={viewState.sort} /> : <TemplatePage {...data} />
}

function TemplatePage({ current, previous }: DashboardData<'templates'>) {
  const drills = useDrills(current.drill)
  const engagement = current.topTemplates[0]?.engagement ?? NO_ENGAGEMENT
  const before = previous && (previous.topTemplates[0]?.engagement ?? NO_ENGAGEMENT)
  return (
    <>
      <KpiCards cards={engagementCards({ current: engagement, previous: before, drills })} />
      <EventTotals
        names={CORE_MESSAGE_METRICS}
        current={countsOf(current.topTemplates[0])}
        previous={previous && countsOf(previous.topTemplates[0])}
        drills={drills}
      />
      <div class="columns">
        <Openers {...{ engagement, drills }} />
        <BounceClasses {...{ engagement, drills }} />
      </div>
    </>
  )
}

/** One table instead of the best and the worst: its headings sort by any number, in both directions. */
function TemplateList({
  current,
  sort = 'humanOpenRate',
}: DashboardData<'templates'> & { readonly sort: string | undefined }) {
  const texts = messages().views.templates
  const drills = useDrills(current.drill)
  const hasMore = current.nextCursor !== undefined
  // The service gives no totals of templates, so a list that is not complete has none.
  const totals = hasMore ? undefined : sumMessageCounts(current.topTemplates.map(countsOf))
  const rateTotal = (name: 'openRate' | 'clickRate') => totals && rateOrNoData(rateOf(name, totals), totals.delivered)
  return (
    <Card title={texts.list} metrics={[...ENGAGEMENT_COLUMNS, ...EVENT_COLUMNS]}>
      <EntityTable<Template>
        id="templates"
        caption={texts.list}
        nameLabel={texts.name}
        entityId={({ templateId }) => templateId}
        rows={current.topTemplates}
        hasMore={hasMore}
        initialSorting={{ columnId: sort, direction: 'descending' }}
        columns={drilledColumns<Template>(
          [
            ...engagementColumns<Template>(undefined),
            { ...eventColumnTexts('sent'), id: 'sent', value: ({ usageCount }) => usageCount, total: totals?.sent },
            eventColumn('delivered', totals?.delivered),
            eventColumn('opened', totals?.opened),
            eventColumn('clicked', totals?.clicked),
            eventColumn('openRate', rateTotal('openRate')),
            eventColumn('clickRate', rateTotal('clickRate')),
          ],
          drills,
          { dimension: 'template', keyOf: ({ templateId }) => templateId, hasTotals: false },
        )}
      />
    </Card>
  )
}

function countsOf(template: Template | undefined): CoreMessageCounts {
  return template ? { ...template, sent: template.usageCount } : ZERO_MESSAGE_COUNTS
}
