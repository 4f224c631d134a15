import { messages } from '../../messages/messages.ts'
import { AddressLink } from '../address-link.tsx'
import { NoData } from '../no-data.tsx'
import { formatValue } from './cell-text.ts'
import type { Column } from './column.ts'

interface TableTotalsProps<Row> {
  readonly columns: readonly Column<Row>[]
  /** Whether a search leaves out rows, which the totals include. */
  readonly isSearched: boolean
  readonly rowIndex: number | undefined
}

/** The row of totals, of all rows whether they are shown or not. */
export function TableTotals<Row>({ columns, isSearched, rowIndex }: TableTotalsProps<Row>) {
  const { table } = messages()
  const [, ...others] = columns
  return (
    <tfoot>
      <tr aria-rowindex={rowIndex}>
        <th scope="row">{isSearched ? table.totalOfAll : table.total}</th>
        {others.map(({ id, kind, format, total, totalLink }) => (
          <td key={id} class={kind}>
            {total === null ? <NoData /> : total === undefined ? '' : <Total {...{ kind, format, total, totalLink }} />}
          </td>
        ))}
      </tr>
    </tfoot>
  )
}

interface TotalProps extends Pick<Column<never>, 'kind' | 'format' | 'totalLink'> {
  readonly total: number
}

function Total({ kind, format, total, totalLink }: TotalProps) {
  const text = formatValue({ kind, format }, total)
  if (!totalLink) return <>{text}</>
  return (
    <AddressLink next={totalLink} class="drill-link">
      {text}
    </AddressLink>
  )
}
