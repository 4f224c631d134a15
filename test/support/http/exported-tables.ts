/** The tables of a JSON response as a file contains them. */
import { withoutGuards } from './csv.ts'

type Value = string | number | null
type Part = Readonly<Record<string, unknown>>

/** A table in the JSON response. */
export function tableOf(data: unknown): Value[][] {
  if (Array.isArray(data)) return [keysOf((data[0] as Part | undefined) ?? {}), ...data.map(cellsOf)]
  const part = data as Part
  const entries = Object.entries(part)
  if (typeof entries[0]?.[1] !== 'object') return [keysOf(part), cellsOf(part)]
  return [
    ['channel', ...keysOf(entries[0][1] as Part)],
    ...entries.map(([key, counts]) => [key, ...cellsOf(counts as Part)]),
  ]
}

/** The fields of an item; those of an object in it are columns like the others. */
function fieldsOf(item: Part): [string, unknown][] {
  // Files have no drill.
  return Object.entries(item).flatMap(([key, value]) =>
    key === 'drill'
      ? []
      : typeof value === 'object' && value !== null
        ? fieldsOf(value as Part)
        : [[key, value] as [string, unknown]],
  )
}

const keysOf = (item: Part) => fieldsOf(item).map(([key]) => key)
const cellsOf = (item: Part) =>
  fieldsOf(item).map(([, value]) => (typeof value === 'boolean' ? String(value) : (value as Value)))

/** Converts fields back to values: a number wherever the JSON has one, with the same digits. */
export function valuesOf(records: string[][], like: Value[][]): Value[][] {
  return records.map((record, y) =>
    record.map((field, x) => {
      const value = like[y]?.[x]
      if (value === null && field === '') return null
      return typeof value === 'number' && field === JSON.stringify(value) ? value : withoutGuards(field)
    }),
  )
}

/** A day or an instant in UTC as a serial number of spreadsheets: days since 30 December 1899. */
export function dated(value: Value): Value {
  const isDate = typeof value === 'string' && /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(value)
  return isDate ? (Date.parse(value) - Date.UTC(1899, 11, 30)) / 86_400_000 : value
}
