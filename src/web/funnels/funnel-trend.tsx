import type { Granularity } from '../../analytics/time/buckets.ts'
import { narrowedDrill } from '../analysis/member-drill.ts'
import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { LineChart } from '../charts/line/line-chart.tsx'
import type { Series } from '../charts/series.ts'
import { Card } from '../components/card.tsx'
import { drillAddress } from '../drill-down/drill-link.tsx'
import type { FunnelAnswer } from './funnel-answer.ts'

type TrendPoint = NonNullable<FunnelAnswer['trend']>[number]

interface FunnelTrendProps {
  readonly trend: readonly TrendPoint[]
  readonly steps: FunnelAnswer['steps']
  readonly zone: string
  readonly granularity: Granularity
  readonly asOf: number
}

/** How the conversion changes over time, by when the attempts started. Buckets whose time to finish is not over are drawn as open. */
export function FunnelTrend({ trend, steps, zone, granularity, asOf }: FunnelTrendProps) {
  const { funnel: texts } = analysisTexts()
  const series = seriesOf({ trend, zone, granularity, asOf })
  return (
    <div class="columns">
      <Card title={texts.conversionOverTime} subtitle={texts.conversionSubtitle}>
        <ConversionChart title={texts.conversionOverTime} {...{ trend, zone, granularity, asOf }} />
      </Card>
      <Card title={texts.countsOverTime} subtitle={texts.conversionSubtitle}>
        <LineChart
          title={texts.countsOverTime}
          lines={[
            {
              id: 'funnel-entered',
              label: texts.started,
              colour: 'sent',
              value: ({ entered }) => entered,
              link: membersOf(steps[0], texts.startedMembers),
              isSettled: true,
            },
            {
              id: 'funnel-converted',
              label: texts.converted,
              colour: 'clicked',
              value: ({ converted }) => converted,
              link: membersOf(steps.at(-1), texts.converted),
            },
          ]}
          {...series}
        />
      </Card>
    </div>
  )
}

type TrendSeries = Pick<FunnelTrendProps, 'trend' | 'zone' | 'granularity' | 'asOf'>

/** The conversion rate over time. */
export function ConversionChart({ title, ...trend }: TrendSeries & { readonly title: string }) {
  const line = {
    id: 'funnel-conversion',
    label: analysisTexts().funnel.conversionRate,
    colour: 'clicked',
    value: ({ conversionRate }: TrendPoint) => conversionRate,
  }
  return <LineChart title={title} unit="rate" lines={[line]} {...seriesOf(trend)} />
}

function seriesOf({
  trend,
  zone,
  granularity,
  asOf,
}: TrendSeries): Series<TrendPoint> & { readonly immatureNote: string } {
  return {
    points: trend,
    start: ({ timestamp }) => Date.parse(timestamp),
    zone,
    granularity,
    asOf,
    isMature: ({ complete }) => complete,
    immatureNote: analysisTexts().funnel.openNote,
  }
}

/** The members of a step that started in the bucket of a point. */
function membersOf(step: FunnelAnswer['steps'][number] | undefined, label: string) {
  return ({ timestamp }: TrendPoint) =>
    step?.drill && drillAddress(narrowedDrill(step.drill, { bucket: timestamp }), label)
}
