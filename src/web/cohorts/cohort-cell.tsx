import type { Drill } from '../../analytics/drill-down/drill.ts'
import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { AddressLink } from '../components/address-link.tsx'
import { maySeeContacts } from '../drill-down/drill-access.ts'
import { drillAddress } from '../drill-down/drill-link.tsx'
import { formatCount, formatShortRate } from '../format/numbers.ts'
import { useApp } from '../state/app.ts'
import type { CohortDefinition } from './cohort-definition.ts'
import type { ShownCell } from './shown-cells.ts'

interface CohortCellProps {
  readonly cell: ShownCell | undefined
  /** Row and column. */
  readonly position: string
  readonly show: CohortDefinition['show']
  /** Cohort and period in words. */
  readonly name: string
  /** The numbers in words; undefined without a cell. */
  readonly label: string | undefined
  /** Who is counted. */
  readonly drill: Drill | undefined
  readonly isCurrent: boolean
  readonly onFocus: () => void
}

/** One period of a cohort. A period that is not over for everyone is hatched. */
export function CohortCellView({ cell, position, show, name, label, drill, isCurrent, onFocus }: CohortCellProps) {
  const { session } = useApp()
  const { cohort: texts } = analysisTexts()
  if (!cell) return <td class="cohort-none" aria-label={texts.noCell} />
  const text = show === 'count' ? formatCount(cell.shownCount) : formatShortRate(cell.shownRate)
  const isLink = drill !== undefined && maySeeContacts(session.state.value)
  const tabIndex = isCurrent ? 0 : -1
  return (
    <td
      class="cohort-cell"
      data-shade={cell.shade}
      data-incomplete={cell.complete ? undefined : ''}
      data-cell={position}
      title={cell.complete ? label : `${label} · ${texts.incomplete}`}
      tabIndex={isLink ? undefined : tabIndex}
      onFocusCapture={onFocus}
    >
      {isLink ? (
        <AddressLink class="cohort-link" next={drillAddress(drill, name)} tabIndex={tabIndex}>
          {text}
        </AddressLink>
      ) : (
        text
      )}
      {!cell.complete && <span class="visually-hidden">{` (${texts.incomplete})`}</span>}
    </td>
  )
}
