import type { Granularity } from '../../analytics/time/buckets.ts'
import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import type { CohortDefinition } from './cohort-definition.ts'

/** The unit of the periods: of a retention, that of the cohorts. */
function periodUnitOf(definition: CohortDefinition): Granularity {
  return definition.kind === 'engagement' ? definition.period : definition.cohort
}

/** The name of a period, such as "Week 3". */
export function periodName(period: number, definition: CohortDefinition): string {
  return analysisTexts().cohort.periodName[periodUnitOf(definition)](String(period))
}
