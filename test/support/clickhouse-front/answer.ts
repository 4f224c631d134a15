import type { ChdbResult } from 'chdb'

export interface Answer {
  readonly bytes: Uint8Array
  readonly format: string
  readonly isInsert: boolean
  /** Rows and bytes written by an INSERT with data, otherwise rows and bytes of the response. */
  readonly rows: number
  readonly byteCount: number
  readonly elapsedNs: number
}

/** Runs one statement on the connection of the request; throws `ClickHouseFailure`. */
export type Run = (sql: string, format?: string) => Promise<ChdbResult>

export function toAnswer(result: ChdbResult, format: string, isInsert: boolean): Answer {
  const { rowsRead, bytesRead, elapsed } = result
  const elapsedNs = Math.round(elapsed * 1e9)
  return { bytes: result.bytes(), format, isInsert, rows: rowsRead, byteCount: bytesRead, elapsedNs }
}
