import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { valueText } from '../charts/legend.tsx'
import { LinePlot } from '../charts/line/line-plot.tsx'
import type { SeriesData } from '../charts/line/series-data.ts'
import { formatCount } from '../format/numbers.ts'
import type { CohortDefinition } from './cohort-definition.ts'
import { periodName } from './cohort-names.ts'
import type { MeanPoint } from './shown-cells.ts'

const LINE = { id: 'cohort-mean', colour: 'clicked' } as const

interface MeanChartProps {
  readonly title: string
  readonly definition: CohortDefinition
  readonly mean: readonly MeanPoint[]
}

/** The mean of all cohorts by period, as a line. The last row of the table has the same numbers. */
export function MeanChart({ title, definition, mean }: MeanChartProps) {
  const { cohort: texts } = analysisTexts()
  const cursor = useSignal<number | undefined>(undefined)
  const hiddenLines = useSignal<ReadonlySet<string>>(new Set())
  const showsPrevious = useSignal(false)
  const data = useMemo((): SeriesData => {
    const rates = mean.map(({ rate }) => rate)
    return {
      starts: mean.map(({ period }) => period),
      states: mean.map(() => 'complete'),
      values: [rates],
      open: [rates.map(() => false)],
      previous: undefined,
      sums: [0],
    }
  }, [mean])
  const describe = (index: number) => {
    const { period, rate, cohortsUsed } = mean[index]!
    const value = texts.meanOf(valueText(rate, 'rate'), formatCount(cohortsUsed))
    return `${periodName(period, definition)}: ${value}`
  }
  return (
    <div>
      <LinePlot
        title={title}
        unit="rate"
        lines={[LINE]}
        data={data}
        cursor={cursor}
        hiddenLines={hiddenLines}
        showsPrevious={showsPrevious}
        ticks={(maxCount) => {
          const step = Math.ceil(mean.length / Math.max(1, maxCount))
          return mean.flatMap(({ period }, index) =>
            index % step === 0 ? [{ index, label: periodName(period, definition) }] : [],
          )
        }}
        describe={describe}
      >
        {(positionOf) => {
          if (cursor.value === undefined || !mean[cursor.value]) return null
          const { left, width } = positionOf(cursor.value)
          return (
            <div
              class="chart-tooltip"
              aria-hidden="true"
              style={left > width / 2 ? { right: `${width - left}px`, left: 'auto' } : { left: `${left}px` }}
            >
              {describe(cursor.value)}
            </div>
          )
        }}
      </LinePlot>
    </div>
  )
}
