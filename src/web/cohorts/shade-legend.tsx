import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { formatShortRate } from '../format/numbers.ts'
import { shadeBounds, type ShownCohort } from './shown-cells.ts'

/** The shares that each shade stands for. */
export function ShadeLegend({ cohorts }: { readonly cohorts: readonly ShownCohort[] }) {
  const { shades, range, upTo } = analysisTexts().cohort
  return (
    <ul class="heat-map-legend" aria-label={shades}>
      {[0, ...shadeBounds(cohorts)].map((bound, shade, bounds) => (
        <li key={shade}>
          <span class="heat-map-swatch" data-shade={shade} aria-hidden="true" />
          {shade === 0
            ? formatShortRate(0)
            : shade === 1
              ? upTo(formatShortRate(bound))
              : range(formatShortRate(bounds[shade - 1]!), formatShortRate(bound))}
        </li>
      ))}
    </ul>
  )
}
