/** The answer about cohorts. */
import type { Drill } from '../../analytics/drill-down/drill.ts'

export interface CohortCell {
  readonly period: number
  readonly count: number
  readonly rate: number
  readonly cumulative?: number
  readonly complete: boolean
}

export interface Cohort {
  readonly bucket: string
  readonly size: number
  readonly cells: readonly CohortCell[]
  readonly drill?: Drill
}

export interface CohortAnswer {
  readonly cohorts: readonly Cohort[]
  readonly mean: readonly { readonly period: number; readonly rate: number; readonly cohortsUsed: number }[]
}
