import type { Column } from './column.ts'

/** Which columns the user chose to show or to hide, by their ids. Columns that are not contained have their default. */
export type ColumnChoice = ReadonlyMap<string, boolean>

const storageKey = (tableId: string) => `outreach-columns-${tableId}`

/** The first column names the row and is always shown. Ids of columns that do not exist have no effect. */
export function isColumnShown(
  { id, isOptional = false }: Pick<Column<never>, 'id' | 'isOptional'>,
  index: number,
  choice: ColumnChoice,
): boolean {
  return index === 0 || (choice.get(id) ?? !isOptional)
}

/** The remembered choice of a table. A browser that permits no storage remembers none. */
export function readColumnChoice(tableId: string): ColumnChoice {
  try {
    return parseColumnChoice(localStorage.getItem(storageKey(tableId)))
  } catch {
    return new Map()
  }
}

/** Remembers the choice of a table, as far as the browser permits. */
export function storeColumnChoice(tableId: string, choice: ColumnChoice): void {
  try {
    if (choice.size === 0) localStorage.removeItem(storageKey(tableId))
    else localStorage.setItem(storageKey(tableId), JSON.stringify(Object.fromEntries(choice)))
  } catch {
    // The choice then lasts until the page is closed.
  }
}

/** Parses a stored choice; throws a SyntaxError for a text that is not JSON, and ignores values of the wrong type. */
export function parseColumnChoice(stored: string | null): ColumnChoice {
  const choice: unknown = JSON.parse(stored ?? '{}')
  if (typeof choice !== 'object' || choice === null) return new Map()
  return new Map(Object.entries(choice).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'))
}
