import type { Column } from './table/column.ts'
import { DataTable, type DataTableProps } from './table/data-table.tsx'

interface EntityTableProps<Row> extends Omit<DataTableProps<Row>, 'rowKey' | 'linkTo'> {
  /** The heading of the column of names. */
  readonly nameLabel: string
  readonly entityId: (row: Row) => string
}

/** A table of campaigns, workflows, …. Each name leads to the page of its entity. */
export function EntityTable<Row extends { readonly name: string }>({
  nameLabel,
  entityId,
  columns,
  ...table
}: EntityTableProps<Row>) {
  const nameColumn: Column<Row> = { id: 'name', label: nameLabel, kind: 'name', value: ({ name }) => name }
  return (
    <DataTable
      {...table}
      columns={[nameColumn, ...columns]}
      rowKey={entityId}
      linkTo={(row) => ({ id: entityId(row) })}
    />
  )
}
