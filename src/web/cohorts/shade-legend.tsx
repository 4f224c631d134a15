import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { formatPercent } from '../format/numbers.ts'
import { shadeBounds, type ShownCohort } from './shown-cells.ts'

/** The shares that each shade stands for. */
export function ShadeLegend({ cohorts }: { readonly cohorts: readonly ShownCohort[] }) {
  const { shades, range } = analysisTexts().cohort
  return (
    <ul class="heat-map-legend" aria-label={shades}>
      {[0, ...shadeBounds(cohorts)].map((bound, shade, bounds) => (
        <li key={shade}>
          <span class="heat-map-swatch" data-shade={shade} aria-hidden="true" />
          {shade === 0 ? formatPercent(0) : range(formatPercent(bounds[shade - 1]!), formatPercent(bound))}
        </li>
      ))}
    </ul>
  )
}
