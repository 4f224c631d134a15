/** What a filter is built from: the keys of the rows of a table, which it has to contain all. */
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'
import type { DerivedFileName } from '../connection/store-connection.ts'
import type { QueryParameters } from '../connection/sql-literals.ts'

/** The end of the range of all keys, by the first 32 bits of the half that is the key of the filter. */
export const ALL_KEYS = 2 ** 32

export interface FilterSource {
  /** The size of a key as it is added: 16 bytes, of which the second half is the key of the filter, or 8. */
  readonly keyBytes: 8 | 16
  /** The file that keeps the filter. */
  readonly file: DerivedFileName
  /** The range of the keys by their first 32 bits, in which they are uniformly distributed. */
  readonly first: number
  readonly end: number
  /** The number of stored rows. */
  readonly countSql: string
  /** The parts that have all stored rows. */
  readonly partsSql: string
  /** The keys at positions of parts; a part that was merged meanwhile has no rows. */
  readonly partKeysSql: string
  /** The keys of a range. */
  readonly rangeSql: string
  /** The parameters of that range, by the first 32 bits of the keys. */
  readonly rangeParameters: (from: number, end: number) => QueryParameters
}

export interface StoredPart {
  readonly name: string
  /** The hash of all its files: parts with the same hash have the same rows. */
  readonly hash: string
  readonly rows: number
  /** The first and the last insert, numbered in their order, that a row of the part comes from. */
  readonly first_block: number
  readonly last_block: number
}

/** One thread, since inserts and dashboards go on meanwhile. */
const BULK_SETTINGS = 'max_threads = 1'

/** The statements that read the keys of a table: `key` is the key of a row, and `range` selects the keys of a range. */
export function sourceStatements(table: string, name: string, key: string, range: string) {
  return {
    /** The engine answers it from the metadata of the parts. */
    countSql: named(`count_${name}`, `SELECT count() AS rows FROM ${table}`, UNQUOTED_INTEGERS),
    partsSql: named(
      `list_parts_of_${name}`,
      `
  SELECT name, hash_of_all_files AS hash, rows, min_block_number AS first_block, max_block_number AS last_block
  FROM system.parts WHERE active AND database = currentDatabase() AND table = '${table}'`,
      UNQUOTED_INTEGERS,
    ),
    partKeysSql: named(
      `read_parts_of_${name}`,
      `
  SELECT ${key}
  FROM ${table} WHERE _part IN {parts:Array(String)} AND _part_offset >= {from:UInt64} AND _part_offset < {to:UInt64}`,
      BULK_SETTINGS,
    ),
    rangeSql: named(`read_range_of_${name}`, `SELECT ${key} FROM ${table} WHERE ${range}`, BULK_SETTINGS),
  }
}
