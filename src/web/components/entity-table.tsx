import { useApp } from '../state/app.ts'
import type { Column } from './table/column.ts'
import { DataTable, type DataTableProps } from './table/data-table.tsx'

interface EntityTableProps<Row> extends Omit<DataTableProps<Row>, 'rowKey' | 'href' | 'onOpen'> {
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
  const { address } = useApp()
  const nameColumn: Column<Row> = { id: 'name', label: nameLabel, kind: 'name', value: ({ name }) => name }
  return (
    <DataTable
      {...table}
      columns={[nameColumn, ...columns]}
      rowKey={entityId}
      href={(row) => address.hrefOf({ id: entityId(row) })}
      onOpen={(row) => address.navigate({ id: entityId(row) })}
    />
  )
}
