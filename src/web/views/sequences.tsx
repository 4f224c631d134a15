import type { Sequences } from '../../analytics/dashboards/sequences.ts'
import { rate } from '../../analytics/rates.ts'
import { Funnel } from '../charts/funnel.tsx'
import { LineChart } from '../charts/line/line-chart.tsx'
import { completePoints } from '../charts/series.ts'
import { AddressLink } from '../components/address-link.tsx'
import { Card } from '../components/card.tsx'
import { EntityTable } from '../components/entity-table.tsx'
import { KpiCards } from '../components/kpi/kpi-cards.tsx'
import { useDrills } from '../drill-down/use-drills.ts'
import { formatCount, formatRate } from '../format/numbers.ts'
import { presetAddress, type PresetReference } from '../funnels/preset-reference.ts'
import { messages } from '../messages/messages.ts'
import { bucketSeries } from '../metrics/bucket-series.ts'
import { columnTexts, metricColumn, rateOrNoData } from '../metrics/message-metrics.ts'
import { type DashboardData, defineDashboardView, type ViewProps } from './view.ts'

type Sequence = Sequences['topSequences'][number]

export const view = defineDashboardView({
  dashboard: 'sequences',
  icon: 'M3 4h.01M6 4h7.5M3 8h.01M6 8h7.5M3 12h.01M6 12h7.5',
  cardCount: 4,
  isEmpty: ({ summary }) => summary.totalEnrollments === 0,
  entityName: ({ topSequences }) => topSequences[0]?.name,
  Content: SequencesView,
})

function SequencesView({ data: { current, previous }, viewState, asOf }: ViewProps<DashboardData<'sequences'>>) {
  const { views, metrics, metricNotes } = messages()
  const texts = views.sequences
  const { summary, timeSeries, stepFunnel } = current
  const before = previous?.summary
  const drills = useDrills(current.drill)
  const series = bucketSeries(timeSeries, 'day', { viewState, asOf })
  const completeDays = completePoints(series)
  return (
    <>
      <KpiCards
        cards={[
          {
            metric: 'enrollments',
            value: summary.totalEnrollments,
            previous: before?.totalEnrollments,
            trend: completeDays.map(({ enrolled }) => enrolled),
          },
          { metric: 'activeEnrollments', value: summary.activeEnrollments, previous: before?.activeEnrollments },
          {
            metric: 'completedEnrollments',
            value: summary.completedEnrollments,
            previous: before?.completedEnrollments,
            trend: completeDays.map(({ completed }) => completed),
          },
          {
            metric: 'repliedEnrollments',
            value: summary.repliedEnrollments,
            previous: before?.repliedEnrollments,
            trend: completeDays.map(({ replied }) => replied),
            rate: {
              metric: 'replyRate',
              of: metricNotes.ofEnrollments,
              value: summary.avgReplyRate,
              previous: before?.avgReplyRate,
              base: summary.totalEnrollments,
              previousBase: before?.totalEnrollments,
            },
          },
        ]}
      />
      <div class="columns">
        <Card title={texts.stepFunnel} subtitle={texts.stepFunnelSubtitle}>
          <Funnel
            title={texts.stepFunnel}
            steps={stepFunnel.map(({ stepNumber, executed, replied }) => ({
              id: String(stepNumber),
              label: texts.step(String(stepNumber)),
              value: executed,
              drill: drills?.of('stepsExecuted', { value: executed, keys: { step: stepNumber } }),
              details: [
                { label: metrics.repliedEnrollments.label, text: formatCount(replied) },
                { label: metrics.replyRate.label, text: formatRate(rate(replied, executed)) },
              ],
            }))}
          />
          <p class="view-links">
            <AddressLink class="button" next={presetAddress(funnelOf(viewState.id, stepFunnel))}>
              {texts.funnel}
            </AddressLink>
          </p>
        </Card>
        <Card title={texts.byDay}>
          <LineChart
            title={texts.byDay}
            lines={[
              { id: 'enrolled', label: texts.enrolled, colour: 'enrollments', value: (point) => point.enrolled },
              { id: 'executed', label: texts.stepsExecuted, colour: 'stepsExecuted', value: (point) => point.executed },
              {
                id: 'replied',
                label: metrics.repliedEnrollments.label,
                colour: 'repliedEnrollments',
                value: (point) => point.replied,
              },
              {
                id: 'completed',
                label: metrics.completedEnrollments.label,
                colour: 'completedEnrollments',
                value: (point) => point.completed,
              },
            ]}
            {...series}
            previousPoints={previous?.timeSeries}
            drills={drills}
            metricOf={{ executed: 'stepsExecuted' }}
          />
        </Card>
      </div>
      {viewState.id === undefined && (
        <Card title={texts.list}>
          <EntityTable<Sequence>
            id="sequences"
            caption={texts.list}
            nameLabel={texts.name}
            entityId={({ sequenceId }) => sequenceId}
            rows={current.topSequences}
            hasMore={current.nextCursor !== undefined}
            initialSorting={{ columnId: 'enrollments', direction: 'descending' }}
            columns={[
              { ...metricColumn('enrollments', summary.totalEnrollments), hasBar: true },
              column('activeEnrollments', ({ active }) => active, summary.activeEnrollments),
              column('completedEnrollments', ({ completed }) => completed, summary.completedEnrollments),
              column('repliedEnrollments', ({ replied }) => replied, summary.repliedEnrollments),
              metricColumn('replyRate', rateOrNoData(summary.avgReplyRate, summary.totalEnrollments)),
            ]}
          />
        </Card>
      )}
    </>
  )
}

/** The steps of one sequence, or the way to a reply in each of all sequences. */
function funnelOf(id: string | undefined, stepFunnel: Sequences['stepFunnel']): PresetReference {
  const steps = Math.max(1, ...stepFunnel.map(({ stepNumber }) => stepNumber))
  return id === undefined ? { preset: 'sequence-to-reply' } : { preset: 'sequence-steps', sequence: id, steps }
}

function column(
  metric: 'activeEnrollments' | 'completedEnrollments' | 'repliedEnrollments',
  value: (row: Sequence) => number,
  total: number,
) {
  return { ...columnTexts(metric), id: metric, value, total }
}
