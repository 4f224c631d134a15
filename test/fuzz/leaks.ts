import { METADATA_CANARY, type FuzzContext } from './context.ts'
import { TENANTS } from './tenants.ts'

/** Words of our inside: of statements, of the engine and its clients, of exceptions and their places. None of them is a word of an answer. */
const INSIDE =
  /SELECT |INSERT INTO|tenant_id|occurred_at|event_type|DB::Exception|\bCode: \d|system\.tables|chdb|clickhouse|NatsError|jetstream|\b(Type|Range|Syntax|Reference)Error\b|JWS|JWT[A-Z ]|ECONN|ENOENT|\n\s+at |\bat \w+ \(|node_modules|\.ts\b|\/src\/|\/tmp\/|eyJ/i

/** In what the fuzz makes the store say when it fails: none of it may be passed on. */
export const STORE_CANARY = 'canary-in-the-words-of-the-store'

const shownAround = (text: string, at: number) => JSON.stringify(text.slice(Math.max(0, at - 40), at + 80))

/** Whatever of other tenants and of our secrets a text shows; `asker` is whose answer it is, undefined when it is nobody's. */
export function leaksIn(text: string, asker: string | undefined, { service }: FuzzContext): string[] {
  const secrets = [METADATA_CANARY, STORE_CANARY, service.secret, service.dataDir]
  const others = TENANTS.filter(({ id }) => id !== asker).flatMap(({ id, mark }) => [id, mark])
  const found = [...secrets, ...others].filter((secret) => text.includes(secret))
  return found.map((secret) => `shows ${JSON.stringify(secret)}: ${shownAround(text, text.indexOf(secret))}`)
}

/** Whether an answer in our own words tells of our inside. */
export function insideIn(text: string): string[] {
  const match = INSIDE.exec(text)
  return match ? [`tells ${JSON.stringify(match[0])} of our inside: ${shownAround(text, match.index)}`] : []
}

/** What the service's log holds that no log may: secrets, tokens, payloads, lines that are not one JSON object each. */
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
