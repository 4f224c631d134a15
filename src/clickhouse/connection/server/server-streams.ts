/**
 * Binary results of a server as a stream.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { nameOf } from '../named-statement.ts'
import { bindServerStatement } from './server-connection.ts'
import type { QueryParameters } from '../sql-literals.ts'
import { toStoreFailure } from '../to-store-failure.ts'

/** The values of a query of one column in RowBinary, in chunks of whole values of `width` bytes. Rejects with a StoreFailure. */
export async function* streamFixedWidth(
  client: ClickHouseClient,
  sql: string,
  parameters: QueryParameters,
  width: number,
): AsyncGenerator<Uint8Array> {
  try {
    const { query, query_params } = bindServerStatement(sql, parameters)
    const { stream } = await client.exec({
      query: `${query} FORMAT RowBinary`,
      ...(query_params && { query_params }),
      // The server sends the response when the query has ended. Otherwise the text of a late failure would follow the values, and pass for values.
      clickhouse_settings: { wait_end_of_query: 1 },
    })
    let rest = new Uint8Array()
    for await (const chunk of stream) {
      const bytes = joined(rest, chunk as Uint8Array)
      const length = bytes.length - (bytes.length % width)
      rest = bytes.slice(length)
      if (length > 0) yield bytes.subarray(0, length)
    }
    if (rest.length > 0) throw new Error('The response ends within a value.')
  } catch (error) {
    throw toStoreFailure(error, nameOf(sql))
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}
