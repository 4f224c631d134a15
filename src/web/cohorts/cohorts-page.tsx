import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { apiPath } from '../api/api-client.ts'
import { Card } from '../components/card.tsx'
import { Note } from '../components/note.tsx'
import { filterTreeOf } from '../filters/filter.ts'
import { AddToReport } from '../reports/add-to-report.tsx'
import { useApp } from '../state/app.ts'
import { rangeOf } from '../state/dashboard-queries.ts'
import type { ViewState } from '../state/view-state.ts'
import type { LazyPage } from '../views/lazy/lazy-view.ts'
import type { ViewProps } from '../views/view.ts'
import type { CohortAnswer } from './cohort-answer.ts'
import { cohortBodyOf, type CohortDefinition, formatCohorts, parseCohorts } from './cohort-definition.ts'
import { CohortEditor } from './cohort-editor.tsx'
import { CohortGrid } from './cohort-grid.tsx'
import { MeanChart } from './mean-chart.tsx'
import { ShadeLegend } from './shade-legend.tsx'
import { shownCohorts, shownMean } from './shown-cells.ts'

interface CohortData {
  readonly answer: CohortAnswer
}

export const page: LazyPage<CohortData> = {
  async load({ api, viewState, signal }) {
    const { data, meta } = await api.revalidated<CohortAnswer>(apiPath('cohorts', {}), signal, bodyOf(viewState))
    return { data: { answer: data }, asOf: Date.parse(meta.asOf) }
  },
  file: ({ viewState }) => ({ path: 'cohorts', parameters: {}, body: bodyOf(viewState) }),
  Content: CohortsView,
}

function bodyOf(viewState: ViewState) {
  const body = cohortBodyOf(parseCohorts(viewState.definition), filterTreeOf(viewState.filters))
  return { ...body, ...rangeOf(viewState), timezone: viewState.zone }
}

function CohortsView({ data: { answer }, viewState }: ViewProps<CohortData>) {
  const { address } = useApp()
  const { cohort: texts } = analysisTexts()
  // What the cells show is chosen in the page: it follows the address at once.
  const edited = parseCohorts(address.viewState.value.definition)
  const loaded = parseCohorts(viewState.definition)
  const change = (next: CohortDefinition) => address.navigate({ definition: formatCohorts(next) })
  const title = texts.triangle[loaded.kind === 'engagement' ? loaded.event : 'retention']
  const { timezone: _, ...body } = bodyOf(viewState)
  return (
    <>
      <CohortEditor definition={edited} onChange={change} />
      <AddToReport block={{ title, kind: 'cohort', body, chart: 'heatmap' }} />
      <CohortResult definition={loaded} answer={answer} zone={viewState.zone} title={title} />
    </>
  )
}

interface CohortResultProps {
  readonly title: string
  readonly definition: CohortDefinition
  readonly answer: CohortAnswer
  readonly zone: string
}

function CohortResult({ title, definition, answer, zone }: CohortResultProps) {
  const { cohort: texts } = analysisTexts()
  const cohorts = shownCohorts(answer, definition)
  const mean = shownMean(answer, definition)
  if (cohorts.length === 0)
    return (
      <Card title={title}>
        <p>{texts.none}</p>
        <p class="note">{texts.noneHint}</p>
      </Card>
    )
  const hasIncomplete = cohorts.some(({ cells }) => cells.some((cell) => cell?.complete === false))
  return (
    <>
      <Card title={title}>
        <ShadeLegend cohorts={cohorts} />
        <CohortGrid {...{ title, definition, cohorts, mean, zone }} />
        {hasIncomplete && <Note>{texts.incompleteNote}</Note>}
      </Card>
      {mean.length > 1 && (
        <Card title={texts.meanTitle} subtitle={texts.meanSubtitle}>
          <MeanChart title={texts.meanTitle} definition={definition} mean={mean} />
        </Card>
      )}
    </>
  )
}
