/** The table of a cohort query: cells, rates and means from counts. */
import { rate } from '../rates.ts'
import { formatInstant } from '../time/buckets.ts'
import type { CohortQuery } from './cohort-request.ts'

/** The counts of one cohort with members. */
export interface CohortCounts {
  /** Its index among the buckets of the query. */
  readonly index: number
  readonly size: number
  /** By period. */
  readonly counts: readonly number[]
  /** The number of periods, from 0 on, that are over for every member. */
  readonly completePeriods: number
  /** The number of periods, from 0 on, that have begun for any member. */
  readonly begunPeriods: number
}

export interface CohortCell {
  readonly period: number
  readonly count: number
  readonly rate: number
  readonly cumulative?: number
  readonly complete: boolean
}

export interface CohortRow {
  readonly bucket: string
  readonly size: number
  readonly cells: readonly CohortCell[]
}

export interface CohortMean {
  readonly period: number
  readonly rate: number
  readonly cohortsUsed: number
}

export interface CohortTable {
  readonly cohorts: readonly CohortRow[]
  readonly mean: readonly CohortMean[]
}

/** Cohorts without members are left out, and so are empty periods that have not begun. */
export function cohortTable({ kind, periods, buckets }: CohortQuery, all: readonly CohortCounts[]): CohortTable {
  const cohorts = all.filter(({ size }) => size > 0).toSorted((a, b) => a.index - b.index)
  return {
    cohorts: cohorts.map(({ index, size, counts, completePeriods, begunPeriods }) => {
      let cumulative = 0
      const cells = counts.map((count, period) => {
        cumulative += count
        return {
          period,
          count,
          rate: rate(count, size),
          ...(kind === 'engagement' ? { cumulative } : {}),
          complete: period < completePeriods,
        }
      })
      return {
        bucket: formatInstant(buckets[index]!),
        size,
        cells: cells.filter(({ period, count }) => period < begunPeriods || count > 0),
      }
    }),
    mean: Array.from({ length: periods }, (_, period) => {
      const used = cohorts.filter(({ completePeriods }) => period < completePeriods)
      const sum = (of: (cohort: CohortCounts) => number) => used.reduce((total, cohort) => total + of(cohort), 0)
      const [part, whole] = [sum(({ counts }) => counts[period]!), sum(({ size }) => size)]
      return { period, rate: rate(part, whole), cohortsUsed: used.length }
    }),
  }
}
