import { analysisTexts } from '../../analysis/texts/analysis-texts.ts'
import type { CohortAnswer } from '../../cohorts/cohort-answer.ts'
import { parseCohorts } from '../../cohorts/cohort-definition.ts'
import { CohortGrid } from '../../cohorts/cohort-grid.tsx'
import { MeanChart } from '../../cohorts/mean-chart.tsx'
import { ShadeLegend } from '../../cohorts/shade-legend.tsx'
import { shownCohorts, shownMean } from '../../cohorts/shown-cells.ts'
import type { BlockProps } from './block-props.ts'

/** The answer about cohorts, in shares. */
export function CohortBlock({ block, data, chart, zone }: BlockProps<CohortAnswer>) {
  const { cohort: texts } = analysisTexts()
  const definition = parseCohorts(JSON.stringify(block.body))
  const cohorts = shownCohorts(data, definition)
  const mean = shownMean(data, definition)
  const { title } = block
  if (cohorts.length === 0) return <p>{texts.none}</p>
  if (chart === 'line' && mean.length > 1) return <MeanChart {...{ title, definition, mean }} />
  return (
    <>
      <ShadeLegend cohorts={cohorts} />
      <CohortGrid {...{ title, definition, cohorts, mean, zone }} />
    </>
  )
}
