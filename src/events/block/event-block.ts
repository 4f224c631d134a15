/**
 * Events as columns: what the actors fill and the store encodes. A row has no object of its own; `readRow` makes one for the few rows that are compared or watched.
 */
import { EVENT_COLUMNS } from '../columns.ts'
import type { EventRow, NameObservation } from '../event-row.ts'
import { type BlockColumn, NumberColumn, SymbolColumn, TextColumn, TimeColumn, UuidColumn } from './block-columns.ts'
import type { NameDictionary } from './name-dictionary.ts'
import { ObservedNames, type SelectedNames } from './observed-names.ts'

/** The column that holds the values of each type. */
interface ColumnByType {
  UUID: UuidColumn
  String: TextColumn
  'LowCardinality(String)': SymbolColumn
  'Nullable(String)': TextColumn
  UInt32: NumberColumn
  'Nullable(UInt32)': NumberColumn
  'DateTime64(3)': TimeColumn
}

const COLUMN_CLASSES: { readonly [Type in keyof ColumnByType]: new () => ColumnByType[Type] } = {
  UUID: UuidColumn,
  String: TextColumn,
  'LowCardinality(String)': SymbolColumn,
  'Nullable(String)': TextColumn,
  UInt32: NumberColumn,
  'Nullable(UInt32)': NumberColumn,
  'DateTime64(3)': TimeColumn,
}

type EventColumn = (typeof EVENT_COLUMNS)[number]

/** A tenant is one of few per block, although the column's type does not say so. */
type ColumnOf<Column extends EventColumn> = Column['name'] extends 'tenant_id'
  ? SymbolColumn
  : ColumnByType[Column['type']]

export type EventBlockColumns = { readonly [Column in EventColumn as Column['name']]: ColumnOf<Column> }

/** Indexes of rows of a block, in ascending order. */
export type RowIndexes = Uint32Array<ArrayBuffer>

export class EventBlock {
  readonly columns = Object.fromEntries(
    EVENT_COLUMNS.map(({ name, type }) => [name, new (name === 'tenant_id' ? SymbolColumn : COLUMN_CLASSES[type])()]),
  ) as unknown as EventBlockColumns
  readonly names = new ObservedNames(this.columns.tenant_id.symbols)
  #length = 0

  /** The number of rows. */
  get length(): number {
    return this.#length
  }

  /** The memory that it uses, without the dictionary of names, in bytes. */
  get byteLength(): number {
    return EVENT_COLUMNS.reduce((sum, { name }) => sum + this.columns[name].byteLength, this.names.byteLength)
  }

  /** Forgets all rows and keeps the memory. The names of the next rows are numbered in `names`, by default in a dictionary of its own. */
  clear(names?: NameDictionary): void {
    for (const { name } of EVENT_COLUMNS) (this.columns[name] as BlockColumn<unknown>).clear?.()
    this.names.clear(names)
    this.#length = 0
  }

  /** Takes the row at `length`, whose values are set in every column. A row whose values were set in part, as an error occurred, is set again by the next event. */
  takeRow(): void {
    this.#length++
  }

  /** Appends an event that is at hand as an object. */
  append(row: EventRow, names: readonly NameObservation[]): void {
    for (const { name } of EVENT_COLUMNS) (this.columns[name] as BlockColumn<unknown>).set(this.#length, row[name])
    this.names.open(this.#length)
    for (const name of names) this.names.add(this.#length, this.columns.tenant_id.indexes[this.#length]!, name)
    this.takeRow()
  }

  readRow(index: number): EventRow {
    return Object.fromEntries(
      EVENT_COLUMNS.map(({ name }) => [name, this.columns[name].read(index)]),
    ) as unknown as EventRow
  }

  /** The ids of the tenants with rows. */
  get tenantIds(): string[] {
    const { symbols } = this.columns.tenant_id
    return Array.from({ length: symbols.size }, (_, index) => symbols.text(index))
  }

  hasTenant(tenantId: string): boolean {
    return this.columns.tenant_id.symbols.findText(tenantId) !== undefined
  }

  /** Those of the rows for whose tenants `select` returns a value, each with that value. */
  *selectByTenant<Value extends object>(
    rows: RowIndexes,
    select: (tenantId: string) => Value | undefined,
  ): Generator<readonly [row: EventRow, value: Value]> {
    const { indexes } = this.columns.tenant_id
    const values = this.tenantIds.map(select)
    if (values.every((value) => value === undefined)) return
    for (const row of rows) {
      const value = values[indexes[row]!]
      if (value) yield [this.readRow(row), value]
    }
  }

  /** The indexes of all rows. */
  allRows(): RowIndexes {
    const rows = new Uint32Array(this.#length)
    for (let row = 0; row < rows.length; row++) rows[row] = row
    return rows
  }

  /** The names in these rows, each pair of entity and name once with the latest instant of its rows. */
  namesOf(rows: RowIndexes): SelectedNames {
    return this.names.select(rows, this.columns.occurred_at.values)
  }
}
