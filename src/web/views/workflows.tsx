import type { Workflows } from '../../analytics/dashboards/workflows.ts'
import { LineChart } from '../charts/line/line-chart.tsx'
import { completePoints } from '../charts/series.ts'
import { AddressLink } from '../components/address-link.tsx'
import { Card } from '../components/card.tsx'
import { EntityTable } from '../components/entity-table.tsx'
import { KpiCards } from '../components/kpi/kpi-cards.tsx'
import { Note } from '../components/note.tsx'
import { drilledColumns, useDrills } from '../drill-down/use-drills.ts'
import { presetAddress } from '../funnels/preset-reference.ts'
import { messages } from '../messages/messages.ts'
import { bucketSeries } from '../metrics/bucket-series.ts'
import { columnTexts, formulas, metricColumn, rateOrNoData } from '../metrics/message-metrics.ts'
import { type DashboardData, defineDashboardView, type ViewProps } from './view.ts'

type Workflow = Workflows['topWorkflows'][number]

/** The metrics of the fields of the dashboard. */
const METRIC_OF = {
  started: 'runs',
  completed: 'runsCompleted',
  goalReached: 'runsGoalReached',
  failed: 'runsFailed',
}

export const view = defineDashboardView({
  dashboard: 'workflows',
  icon: 'M2.5 2.5h4v4h-4zM9.5 9.5h4v4h-4zM4.5 6.5v5h5',
  cardCount: 4,
  isEmpty: ({ summary }) => Object.values(summary).every((number) => number === 0),
  entityName: ({ topWorkflows }) => topWorkflows[0]?.name,
  Content: WorkflowsView,
})

function WorkflowsView({ data: { current, previous }, viewState, asOf }: ViewProps<DashboardData<'workflows'>>) {
  const { views, metrics, metricNotes } = messages()
  const texts = views.workflows
  const { summary, timeSeries } = current
  const before = previous?.summary
  const drills = useDrills(current.drill)
  const series = bucketSeries(timeSeries, 'day', { viewState, asOf })
  const completeDays = completePoints(series)
  return (
    <>
      <KpiCards
        cards={[
          {
            metric: 'runs',
            value: summary.totalRuns,
            drill: drills?.of('runs', { value: summary.totalRuns }),
            previous: before?.totalRuns,
            trend: completeDays.map(({ started }) => started),
          },
          {
            metric: 'runsCompleted',
            value: summary.completedRuns,
            drill: drills?.of('runsCompleted', { value: summary.completedRuns }),
            previous: before?.completedRuns,
            trend: completeDays.map(({ completed }) => completed),
            rate: {
              metric: 'completionRate',
              of: metricNotes.ofRuns,
              value: summary.avgCompletionRate,
              previous: before?.avgCompletionRate,
              base: summary.totalRuns,
              previousBase: before?.totalRuns,
            },
          },
          {
            metric: 'runsGoalReached',
            value: summary.goalReachedRuns,
            drill: drills?.of('runsGoalReached', { value: summary.goalReachedRuns }),
            previous: before?.goalReachedRuns,
            trend: completeDays.map(({ goalReached }) => goalReached),
            rate: {
              metric: 'conversionRate',
              of: metricNotes.ofCompleted,
              value: summary.avgConversionRate,
              previous: before?.avgConversionRate,
              base: summary.completedRuns,
              previousBase: before?.completedRuns,
            },
          },
          {
            metric: 'runsFailed',
            value: summary.failedRuns,
            drill: drills?.of('runsFailed', { value: summary.failedRuns }),
            previous: before?.failedRuns,
            trend: completeDays.map(({ failed }) => failed),
          },
        ]}
      />
      <p class="view-links">
        <AddressLink class="button" next={presetAddress({ preset: 'workflow-run-to-goal', workflow: viewState.id })}>
          {texts.funnel}
        </AddressLink>
      </p>
      <Note>{`${formulas('completionRate', 'conversionRate')} ${texts.ratesNote}`}</Note>
      <Card title={texts.byDay}>
        <LineChart
          title={texts.byDay}
          lines={[
            { id: 'started', label: texts.started, colour: 'runs', value: (point) => point.started },
            {
              id: 'completed',
              label: metrics.runsCompleted.label,
              colour: 'runsCompleted',
              value: (point) => point.completed,
            },
            {
              id: 'goalReached',
              label: metrics.runsGoalReached.label,
              colour: 'runsGoalReached',
              value: (point) => point.goalReached,
            },
            { id: 'failed', label: metrics.runsFailed.label, colour: 'runsFailed', value: (point) => point.failed },
          ]}
          {...series}
          previousPoints={previous?.timeSeries}
          drills={drills}
          metricOf={METRIC_OF}
        />
      </Card>
      {viewState.id === undefined && (
        <Card title={texts.list}>
          <EntityTable<Workflow>
            id="workflows"
            caption={texts.list}
            nameLabel={texts.name}
            entityId={({ workflowId }) => workflowId}
            rows={current.topWorkflows}
            hasMore={current.nextCursor !== undefined}
            initialSorting={{ columnId: 'runs', direction: 'descending' }}
            columns={drilledColumns<Workflow>(
              [
                { ...metricColumn('runs', summary.totalRuns), hasBar: true },
                {
                  ...columnTexts('runsCompleted'),
                  id: 'completed',
                  value: (row) => row.completed,
                  total: summary.completedRuns,
                },
                {
                  ...columnTexts('runsGoalReached'),
                  id: 'goalReached',
                  value: (row) => row.goalReached,
                  total: summary.goalReachedRuns,
                },
                { ...columnTexts('runsFailed'), id: 'failed', value: (row) => row.failed, total: summary.failedRuns },
                metricColumn('completionRate', rateOrNoData(summary.avgCompletionRate, summary.totalRuns)),
                {
                  ...columnTexts('conversionRate'),
                  id: 'conversionRate',
                  value: (row) => rateOrNoData(row.conversionRate, row.completed),
                  total: rateOrNoData(summary.avgConversionRate, summary.completedRuns),
                },
              ],
              drills,
              { dimension: 'workflow', keyOf: ({ workflowId }) => workflowId, metricOf: METRIC_OF },
            )}
          />
        </Card>
      )}
    </>
  )
}
