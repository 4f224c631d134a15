import { METADATA_CANARY, type FuzzContext } from './context.ts'
import { TENANTS } from './tenants.ts'

/** Internal words: of SQL, the engine and its clients, exceptions and stack traces. No response may contain them. */
const INSIDE =
  /SELECT |INSERT INTO|tenant_id|occurred_at|event_type|DB::Exception|\bCode: \d|system\.tables|chdb|clickhouse|NatsError|jetstream|\b(Type|Range|Syntax|Reference)Error\b|JWS|JWT[A-Z ]|ECONN|ENOENT|\n\s+at |\bat \w+ \(|node_modules|\.ts\b|\/src\/|\/tmp\/|eyJ/i

/** Texts in the failures that the fuzz injects into the store: no response may contain them. */
export const STORE_CANARY = 'canary-in-the-words-of-the-store'

const shownAround = (text: string, at: number) => JSON.stringify(text.slice(Math.max(0, at - 40), at + 80))

/** Data of other tenants and secrets that a text contains; `asker` is the tenant of the response, or undefined without one. */
export function leaksIn(text: string, asker: string | undefined, { service }: FuzzContext): string[] {
  const secrets = [METADATA_CANARY, STORE_CANARY, service.secret, service.dataDir]
  const others = TENANTS.filter(({ id }) => id !== asker).flatMap(({ id, mark }) => [id, mark])
  const found = [...secrets, ...others].filter((secret) => text.includes(secret))
  return found.map((secret) => `shows ${JSON.stringify(secret)}: ${shownAround(text, text.indexOf(secret))}`)
}

/** Whether a response of the service contains internal words. */
export function insideIn(text: string): string[] {
  const match = INSIDE.exec(text)
  return match ? [`tells ${JSON.stringify(match[0])} of our inside: ${shownAround(text, match.index)}`] : []
}

/** Forbidden contents of the log: secrets, tokens, payloads, and lines that are not one JSON object each. */
export function leaksInLog({ service }: FuzzContext): string[] {
  const log = service.log()
  const secrets = [METADATA_CANARY, STORE_CANARY, service.secret, 'eyJ', 'Bearer ', ...TENANTS.map(({ mark }) => mark)]
  const found = secrets.filter((secret) => log.includes(secret))
  const leaks = found.map(
    (secret) => `The log holds ${JSON.stringify(secret)}: ${shownAround(log, log.indexOf(secret))}`,
  )
  const broken = log.split('\n').filter((line) => line.startsWith('{') && !isObject(line))
  return [...leaks, ...broken.slice(0, 3).map((line) => `The log has a line that is no JSON: ${line.slice(0, 200)}`)]
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}
