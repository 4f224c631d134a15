import { Component } from 'preact'
import type { ViewState } from '../../state/view-state.ts'
import { AddressLink } from '../address-link.tsx'
import { NoData } from '../no-data.tsx'
import type { Column } from './column.ts'

export interface Cell {
  readonly column: Pick<Column<never>, 'id' | 'kind' | 'link'>
  /** Null where there is no data. */
  readonly text: string | null
  /** What the cell leads to; it changes with the key. */
  readonly link: Partial<ViewState> | undefined
  readonly linkKey: string | undefined
  /** The share of the largest value, from 0 to 1, where the column has bars. */
  readonly share: number | undefined
}

interface TableRowProps {
  /** Identifies the row, and decides where its link leads. */
  readonly rowKey: string
  readonly cells: readonly Cell[]
  /** Shown below the name, because another row has the same name. */
  readonly rowId: string | undefined
  /** The number of the row in the whole table, where not all rows exist in the document. */
  readonly rowIndex: number | undefined
  readonly link: Partial<ViewState> | undefined
}

/** A row of a table. It is drawn again only when one of its texts changes: a live update changes few of many rows. */
export class TableRow extends Component<TableRowProps> {
  override shouldComponentUpdate(next: TableRowProps): boolean {
    const { cells, rowKey, rowId, rowIndex } = this.props
    return (
      next.rowKey !== rowKey ||
      next.rowId !== rowId ||
      next.rowIndex !== rowIndex ||
      next.cells.length !== cells.length ||
      next.cells.some((cell, index) => !isSameCell(cell, cells[index]!))
    )
  }

  override render() {
    const { cells, rowKey, rowId, rowIndex, link } = this.props
    const [first, ...others] = cells
    return (
      <tr data-row-key={rowKey} aria-rowindex={rowIndex}>
        <th scope="row" class={first!.column.kind}>
          <RowName text={first!.text} rowId={rowId} link={link} />
        </th>
        {others.map((cell) => (
          <td key={cell.column.id} class={cell.column.kind}>
            <CellContent {...cell} />
          </td>
        ))}
      </tr>
    )
  }
}

function CellContent({ column, text, link, share }: Cell) {
  if (text === null) return <NoData />
  const content = column.kind === 'name' ? <bdi title={text}>{text}</bdi> : text
  const linked = link ? (
    <AddressLink next={link} class="drill-link" title={column.link?.title}>
      {content}
    </AddressLink>
  ) : (
    content
  )
  if (share === undefined) return <>{linked}</>
  return (
    <div class="cell-with-bar">
      <span class="cell-bar" aria-hidden="true">
        <span style={{ inlineSize: `${(share * 100).toFixed(1)}%` }} />
      </span>
      <span>{linked}</span>
    </div>
  )
}

/** The first cell of a row. Its text stays on one line; the link shows all of it while it has the focus of the keyboard. */
function RowName({ text, rowId, link }: { readonly text: string | null } & Pick<TableRowProps, 'rowId' | 'link'>) {
  if (text === null) return <NoData />
  const content = (
    <>
      <bdi class="row-name">{text}</bdi>
      {rowId !== undefined && <bdi class="row-id">{rowId}</bdi>}
    </>
  )
  const title = rowId === undefined ? text : `${text}\n${rowId}`
  if (!link) return <span title={title}>{content}</span>
  return (
    <AddressLink next={link} class="row-link" title={title}>
      {content}
    </AddressLink>
  )
}

function isSameCell(a: Cell, b: Cell): boolean {
  return a.column.id === b.column.id && a.text === b.text && a.share === b.share && a.linkKey === b.linkKey
}
