/** Headers and fields whose value differs from run to run, or is of no concern to a client, each with the word that replaces it. */
const WORDS: Readonly<Record<string, string>> = {
  correlationId: 'CORRELATION-ID',
  nextCursor: 'CURSOR',
  ticket: 'TICKET',
  'x-correlation-id': 'CORRELATION-ID',
  etag: 'ETAG',
  ratelimit: 'RATE-LIMIT',
}

/** A correlation id that a client sends. It is kept, since it is the same in each run. */
export const CLIENT_CORRELATION_ID = 'correlation-id-of-the-client'

/** A JSON value with fixed words for what differs from run to run. */
export function withFixedWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFixedWords)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, each]: [string, unknown]) => [
    key,
    each === CLIENT_CORRELATION_ID ? each : (WORDS[key] ?? withFixedWords(each)),
  ])
  return Object.fromEntries(entries) as unknown
}

/** The body of a response as it is recorded: JSON as a value, other texts as lines. */
export async function recordedBody(response: Response): Promise<unknown> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer())
  if (text === '') return undefined
  if (response.headers.get('content-type')?.startsWith('application/json')) return withFixedWords(JSON.parse(text))
  return text.split(/(?<=\n)/)
}
