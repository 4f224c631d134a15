/** The cells of a cohort analysis as they are drawn. */
import { rate } from '../../analytics/rates.ts'
import { quantileBounds, shadeOf } from '../charts/quantiles.ts'
import type { Cohort, CohortAnswer, CohortCell } from './cohort-answer.ts'
import type { CohortDefinition } from './cohort-definition.ts'

export interface ShownCell extends CohortCell {
  /** What is shown: the number of the period, or up to it. */
  readonly shownCount: number
  /** In percent of the cohort. */
  readonly shownRate: number
  /** 0 for no one, otherwise 1 to 5. */
  readonly shade: number
}

export interface ShownCohort extends Omit<Cohort, 'cells'> {
  /** One place for each period; undefined for a period that has not begun. */
  readonly cells: readonly (ShownCell | undefined)[]
}

const SHADES = 5

/** Places the cells by their periods and gives each the shade of its rate. */
export function shownCohorts({ cohorts }: CohortAnswer, definition: CohortDefinition): ShownCohort[] {
  const isCumulative = definition.kind === 'engagement' && definition.cumulative
  const placed = cohorts.map((cohort) => {
    const counts = cohort.cells.map((cell) => (isCumulative ? (cell.cumulative ?? cell.count) : cell.count))
    return { cohort, counts, rates: counts.map((count) => rate(count, cohort.size)) }
  })
  const bounds = quantileBounds(
    placed.flatMap(({ rates }) => rates),
    SHADES,
  )
  return placed.map(({ cohort, counts, rates }) => {
    const cells = Array.from({ length: definition.periods }, (): ShownCell | undefined => undefined)
    for (const [index, cell] of cohort.cells.entries())
      cells[cell.period] = {
        ...cell,
        shownCount: counts[index]!,
        shownRate: rates[index]!,
        shade: shadeOf(rates[index]!, bounds),
      }
    return { ...cohort, cells: cells.slice(0, definition.periods) }
  })
}

/** The largest rate of each shade, ascending, in percent. */
export function shadeBounds(cohorts: readonly ShownCohort[]): number[] {
  return quantileBounds(
    cohorts.flatMap(({ cells }) => cells.map((cell) => cell?.shownRate ?? 0)),
    SHADES,
  )
}

export interface MeanPoint {
  readonly period: number
  readonly rate: number
  readonly cohortsUsed: number
}

/** The mean of what is shown. Of added-up periods, it is weighted by size over the complete cells, like the mean of the service. */
export function shownMean(answer: CohortAnswer, definition: CohortDefinition): readonly MeanPoint[] {
  if (definition.kind !== 'engagement' || !definition.cumulative) return answer.mean
  return Array.from({ length: definition.periods }, (_, period) => {
    const used = answer.cohorts.flatMap(({ size, cells }) => {
      const cell = cells.find((each) => each.period === period)
      return cell?.complete ? [{ size, count: cell.cumulative ?? cell.count }] : []
    })
    const sumOf = (name: 'size' | 'count') => used.reduce((sum, each) => sum + each[name], 0)
    return { period, rate: rate(sumOf('count'), sumOf('size')), cohortsUsed: used.length }
  }).filter(({ cohortsUsed }) => cohortsUsed > 0)
}
