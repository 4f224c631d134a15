/** The answer about cohorts: the parts that the page shows. */
import type { CohortData } from '../../analytics/cohorts/cohort-response.ts'

export type CohortAnswer = Pick<CohortData, 'cohorts' | 'mean'>
export type Cohort = CohortAnswer['cohorts'][number]
export type CohortCell = Cohort['cells'][number]
