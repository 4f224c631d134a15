import { useSignal } from '@preact/signals'
import { useId, useRef } from 'preact/hooks'
import { narrowedDrill } from '../analysis/member-drill.ts'
import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { DrillLink } from '../drill-down/drill-link.tsx'
import { dateFormat } from '../format/locale.ts'
import { formatCount, formatShortRate, formatRate } from '../format/numbers.ts'
import type { CohortDefinition } from './cohort-definition.ts'
import { periodName } from './cohort-names.ts'
import { CohortCellView } from './cohort-cell.tsx'
import type { MeanPoint, ShownCohort } from './shown-cells.ts'

interface CohortGridProps {
  readonly title: string
  readonly definition: CohortDefinition
  readonly cohorts: readonly ShownCohort[]
  readonly mean: readonly MeanPoint[]
  readonly zone: string
}

interface Position {
  readonly row: number
  readonly column: number
}

const DATE = { day: 'numeric', month: 'short', year: 'numeric' } as const
const BUCKET_FORMATS = { day: DATE, week: DATE, month: { month: 'long', year: 'numeric' } } as const

/**
 * The cohorts as rows and the periods as columns: a table whose cells are shaded by their share. The arrow keys move in it, because it has hundreds of cells; Tab reaches
 * one of them.
 */
export function CohortGrid({ title, definition, cohorts, mean, zone }: CohortGridProps) {
  const { cohort: texts } = analysisTexts()
  const hintId = useId()
  const table = useRef<HTMLTableElement>(null)
  const current = useSignal<Position>({ row: 0, column: 0 })
  const format = dateFormat({ ...BUCKET_FORMATS[definition.cohort], timeZone: zone })
  const isCumulative = definition.kind === 'engagement' && definition.cumulative
  const periods = Array.from({ length: definition.periods }, (_, period) => period)
  const moveByKey = (event: KeyboardEvent) => {
    const next = positionAfterKey(event, current.peek(), cohorts)
    if (!next) return
    event.preventDefault()
    current.value = next
    const cell = table.current!.querySelector<HTMLElement>(`[data-cell="${next.row} ${next.column}"]`)
    ;(cell?.querySelector('a') ?? cell)?.focus()
  }
  return (
    <div class="cohort-scroll">
      <p id={hintId} hidden>
        {texts.keys}
      </p>
      <table
        ref={table}
        class="cohort-grid"
        role="grid"
        aria-label={title}
        aria-describedby={hintId}
        aria-readonly="true"
        onKeyDown={moveByKey}
      >
        <thead>
          <tr>
            <th scope="col">{texts.cohortColumns[definition.cohort]}</th>
            <th scope="col" class="cohort-size">
              {texts.sizeColumns[definition.kind]}
            </th>
            {periods.map((period) => (
              <th key={period} scope="col">
                {periodName(period, definition)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cohorts.map((cohort, row) => {
            const name = format.format(Date.parse(cohort.bucket))
            return (
              <tr key={cohort.bucket}>
                <th scope="row">{name}</th>
                <td class="cohort-size">
                  <DrillLink drill={cohort.drill} label={name}>
                    {formatCount(cohort.size)}
                  </DrillLink>
                </td>
                {cohort.cells.map((cell, column) => (
                  <CohortCellView
                    key={column}
                    cell={cell}
                    position={`${row} ${column}`}
                    show={definition.show}
                    name={`${name}, ${periodName(column, definition)}`}
                    drill={
                      cohort.drill &&
                      narrowedDrill(cohort.drill, { period: column, ...(isCumulative && { cumulative: true }) })
                    }
                    label={
                      cell &&
                      texts.cell(
                        name,
                        periodName(column, definition),
                        formatCount(cell.shownCount),
                        formatCount(cohort.size),
                        formatRate(cell.shownRate),
                      )
                    }
                    isCurrent={current.value.row === row && current.value.column === column}
                    onFocus={() => (current.value = { row, column })}
                  />
                ))}
              </tr>
            )
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{texts.mean}</th>
            <td class="cohort-size" />
            {periods.map((period) => {
              const point = mean.find((each) => each.period === period)
              return (
                <td key={period} title={point && texts.meanOf(formatRate(point.rate), formatCount(point.cohortsUsed))}>
                  {point ? formatShortRate(point.rate) : ''}
                </td>
              )
            })}
          </tr>
        </tfoot>
      </table>
    </div>
  )
}

/** The cell that a key leads to; undefined for other keys, and where there is none. */
function positionAfterKey(
  { key, ctrlKey }: KeyboardEvent,
  { row, column }: Position,
  cohorts: readonly ShownCohort[],
): Position | undefined {
  const lastOf = (at: number) => cohorts[at]?.cells.findLastIndex((cell) => cell !== undefined) ?? -1
  const inRow = (at: number): Position | undefined =>
    lastOf(at) < 0 ? undefined : { row: at, column: Math.min(column, lastOf(at)) }
  switch (key) {
    case 'ArrowUp':
      return inRow(row - 1)
    case 'ArrowDown':
      return inRow(row + 1)
    case 'ArrowLeft':
      return column > 0 ? { row, column: column - 1 } : undefined
    case 'ArrowRight':
      return column < lastOf(row) ? { row, column: column + 1 } : undefined
    case 'Home':
      return { row: ctrlKey ? 0 : row, column: 0 }
    case 'End':
      return ctrlKey ? { row: cohorts.length - 1, column: lastOf(cohorts.length - 1) } : { row, column: lastOf(row) }
    default:
      return undefined
  }
}
