import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { formatCount, formatShortRate } from '../format/numbers.ts'
import type { CohortDefinition } from './cohort-definition.ts'
import type { ShownCell } from './shown-cells.ts'

interface CohortCellProps {
  readonly cell: ShownCell | undefined
  /** Row and column. */
  readonly position: string
  readonly show: CohortDefinition['show']
  /** Cohort, period and numbers in words; undefined without a cell. */
  readonly label: string | undefined
  readonly isCurrent: boolean
  readonly onFocus: () => void
}

/** One period of a cohort. A period that is not over for everyone is hatched. */
export function CohortCellView({ cell, position, show, label, isCurrent, onFocus }: CohortCellProps) {
  const { cohort: texts } = analysisTexts()
  if (!cell) return <td class="cohort-none" aria-label={texts.noCell} />
  const text = show === 'count' ? formatCount(cell.shownCount) : formatShortRate(cell.shownRate)
  const title = cell.complete ? label : `${label} · ${texts.incomplete}`
  return (
    <td
      class="cohort-cell"
      data-shade={cell.shade}
      data-incomplete={cell.complete ? undefined : ''}
      data-cell={position}
      title={title}
      tabIndex={isCurrent ? 0 : -1}
      onFocus={onFocus}
    >
      {text}
      {!cell.complete && <span class="visually-hidden">{` (${texts.incomplete})`}</span>}
    </td>
  )
}
