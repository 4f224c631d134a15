import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'

/** The official client over HTTP without its log, which would contain every failure that a test provokes. */
export function connectTo(url: string, options: Parameters<typeof createClient>[0] = {}): ClickHouseClient {
  return createClient({ url, log: { level: ClickHouseLogLevel.OFF }, ...options })
}

/** The response as arrays of values. */
export async function askRows(
  client: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown> = {},
): Promise<unknown[]> {
  const result = await client.query({ query, query_params, format: 'JSONCompactEachRow' })
  return result.json()
}

/** The error of the attempt; throws when it succeeded. */
export async function failureOf(attempt: Promise<unknown>): Promise<unknown> {
  try {
    await attempt
  } catch (error) {
    return error
  }
  throw new Error('Succeeded, although a failure was expected')
}
