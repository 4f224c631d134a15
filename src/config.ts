import { type IpNetwork, parseOrigin, parseIpNetwork, publicUrlOf } from './base/ip-address.ts'
import { LOG_LEVELS, type LogLevel } from './base/logger.ts'
import * as streams from './nats/stream-limits.ts'
import { isTenantId } from './base/tenant-id.ts'

export interface Config {
  readonly port: number
  readonly host: string
  /** The address under which people reach the service, with its path prefix and without a slash at its end. */
  readonly publicUrl: string | undefined
  readonly dataDir: string
  /** Undefined = the supervised local server. */
  readonly natsServers: readonly string[] | undefined
  readonly natsCredsFile: string | undefined
  readonly natsUser: string | undefined
  readonly natsPassword: string | undefined
  readonly natsToken: string | undefined
  /** PEM files: the authorities that a server's certificate may be of, and our own certificate with its key. */
  readonly natsCaFile: string | undefined
  readonly natsCertFile: string | undefined
  readonly natsKeyFile: string | undefined
  readonly natsStream: string | undefined
  readonly natsConsumer: string
  readonly streamLimits: streams.StreamLimits
  /** Undefined = the embedded engine. */
  readonly clickhouseUrl: string | undefined
  readonly clickhouseUser: string
  readonly clickhousePassword: string
  readonly clickhouseDatabase: string
  /** Undefined = one server. */
  readonly clickhouseCluster: string | undefined
  /** Who dashboards are read as, behind the second wall; undefined = the user above. */
  readonly clickhouseReader: { readonly user: string; readonly password: string } | undefined
  readonly jwtSecret: string | undefined
  readonly jwtJwksUrl: string | undefined
  /** PEM (SPKI), one or several after each other. */
  readonly jwtPublicKey: string | undefined
  readonly jwtIssuer: string | undefined
  readonly jwtAudience: string | undefined
  readonly bufferSize: number
  readonly flushIntervalMs: number
  /** What ingestion may hold in memory; everything that bounds it follows from this. */
  readonly ingestMemoryMb: number
  /** Nearly all of so many events of one tenant rejected: its circuit breaker opens. 0 = never. */
  readonly circuitBreakerWindowEvents: number
  /** Events a second that a tenant may store; 0 = as many as it likes. */
  readonly tenantEventsPerSecond: number
  /** Other rates, by tenant. */
  readonly tenantQuotas: ReadonlyMap<string, number>
  /** Dashboard requests a second that a tenant may have the store read; 0 = as many as it likes. */
  readonly tenantRequestsPerSecond: number
  /** The same at once. */
  readonly tenantConcurrentRequests: number
  /** Credentials a minute that may be refused to an address before it has to wait; 0 = any number. */
  readonly authFailuresPerMinute: number
  /** Pages of these origins may ask from a browser. */
  readonly corsOrigins: readonly string[]
  /** Only these may say for whom they ask. */
  readonly trustedProxies: readonly IpNetwork[]
  /** How long browsers shall insist on TLS; 0 = they are told nothing. */
  readonly hstsSeconds: number
  /** So many tenants, the busiest, get metrics of their own. Their ids then stand in the metrics. */
  readonly metricsTenants: number
  /** Live streams open at once: of one tenant, and of all. */
  readonly liveClientsPerTenant: number
  readonly liveClients: number
  readonly logLevel: LogLevel
  /** How many native calls the runtime runs at once; the embedded engine's statements are such. */
  readonly nativeThreads: number
}

/** Every problem of the environment, each naming its variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigProblems'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
const IDENTIFIER_RULE = 'has to be an identifier: letters, digits and _, not starting with a digit.'
const NATS_NAME = /^[A-Za-z0-9_-]{1,64}$/

/** Reads the configuration; an empty variable counts as unset. Throws ConfigError with all that is wrong. */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []
  const readText = (name: string) => environment[name]?.trim() || undefined
  const readInteger = (name: string, fallback: number, min: number, max: number) => {
    const value = readText(name)
    if (value === undefined) return fallback
    if (/^\d{1,9}$/.test(value) && +value >= min && +value <= max) return +value
    problems.push(`${name} has to be a whole number from ${min} to ${max}.`)
    return fallback
  }
  const readMatching = (name: string, pattern: RegExp, rule: string) => {
    const value = readText(name)
    if (value !== undefined && !pattern.test(value)) problems.push(`${name} ${rule}`)
    return value
  }
  const readUrl = (name: string, protocols: readonly string[], value = readText(name)) => {
    if (value === undefined) return undefined
    const parsed = URL.canParse(value) ? new URL(value) : undefined
    if (!parsed || parsed.hostname === '' || !protocols.includes(parsed.protocol))
      problems.push(`${name} has to be a URL starting with ${protocols.map((p) => `${p}//`).join(' or ')}.`)
    return value
  }
  const readPublicUrl = (name: string) => {
    const value = readUrl(name, ['http:', 'https:'])
    if (value === undefined || !URL.canParse(value)) return undefined
    const address = publicUrlOf(new URL(value))
    if (address === undefined) problems.push(`${name} has to be an address without credentials, query and fragment.`)
    return address
  }
  const readOneOf = <Value extends string>(name: string, values: readonly Value[], fallback: Value): Value => {
    const value = readText(name)
    const found = values.find((candidate) => candidate === value)
    if (value !== undefined && found === undefined) problems.push(`${name} has to be one of ${values.join(', ')}.`)
    return found ?? fallback
  }

  const readTenantQuotas = (name: string) => {
    const rates = new Map<string, number>()
    for (const part of readText(name)?.split(',') ?? []) {
      // The tenant may hold colons itself.
      const [, tenantId, rate] = /^\s*(.+):(\d{1,9})\s*$/.exec(part) ?? []
      if (isTenantId(tenantId)) rates.set(tenantId, Number(rate))
      else problems.push(`${name} has to be a list such as tenant-1:500,tenant-2:0 (events a second, 0 = no limit).`)
    }
    return rates
  }

  const readList = <Item>(name: string, parse: (item: string) => Item | undefined, rule: string): readonly Item[] =>
    (splitList(readText(name)) ?? []).flatMap((item) => {
      const parsed = parse(item)
      if (parsed === undefined) problems.push(`${name} ${rule}`)
      return parsed ?? []
    })

  const natsServers = splitList(readText('NATS_URL'))
  if (natsServers?.length === 0) problems.push('NATS_URL names no server.')
  for (const server of natsServers ?? [])
    readUrl('NATS_URL', ['nats:', 'tls:', 'ws:', 'wss:'], server.includes('://') ? server : `nats://${server}`)
  if ((readText('NATS_CERT_FILE') === undefined) !== (readText('NATS_KEY_FILE') === undefined))
    problems.push('NATS_CERT_FILE and NATS_KEY_FILE are set together or not at all.')
  const jwtSecret = environment['JWT_SECRET'] || undefined
  if (jwtSecret !== undefined && new TextEncoder().encode(jwtSecret).byteLength < 32)
    problems.push('JWT_SECRET has to be at least 32 bytes long.')
  const jwtPublicKey = environment['JWT_PUBLIC_KEY']?.replaceAll('\\n', '\n').trim() || undefined
  if (jwtPublicKey !== undefined && !jwtPublicKey.startsWith('-----BEGIN PUBLIC KEY-----'))
    problems.push('JWT_PUBLIC_KEY has to be a public key in PEM form (-----BEGIN PUBLIC KEY-----).')
  const jwtJwksUrl = readUrl('JWT_JWKS_URL', ['http:', 'https:'])
  const clickhouseUrl = readUrl('CLICKHOUSE_URL', ['http:', 'https:'])
  if (clickhouseUrl !== undefined && !jwtSecret && !jwtPublicKey && !jwtJwksUrl)
    problems.push(
      'JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL is required with CLICKHOUSE_URL: without one, nobody could be told apart.',
    )
  const clickhouseCluster = readMatching('CLICKHOUSE_CLUSTER', IDENTIFIER, IDENTIFIER_RULE)
  if (clickhouseCluster !== undefined && clickhouseUrl === undefined)
    problems.push('CLICKHOUSE_CLUSTER needs a node of the cluster in CLICKHOUSE_URL: the embedded engine is none.')

  const readerUser = readMatching('CLICKHOUSE_READER_USER', IDENTIFIER, IDENTIFIER_RULE)
  const readerPassword = environment['CLICKHOUSE_READER_PASSWORD'] || undefined
  if (
    readerUser !== undefined &&
    (clickhouseUrl === undefined || readerUser === (readText('CLICKHOUSE_USER') ?? 'default'))
  )
    problems.push(
      'CLICKHOUSE_READER_USER has to be a user of its own on the server of CLICKHOUSE_URL: the embedded engine has none.',
    )
  if ((readerUser === undefined) !== (readerPassword === undefined))
    problems.push('CLICKHOUSE_READER_USER and CLICKHOUSE_READER_PASSWORD are set together or not at all.')

  const config: Config = {
    port: readInteger('PORT', 3000, 0, 65_535),
    host: readText('HOST') ?? '0.0.0.0',
    publicUrl: readPublicUrl('PUBLIC_URL'),
    dataDir: readText('DATA_DIR') ?? './.data',
    natsServers: natsServers && natsServers.length > 0 ? natsServers : undefined,
    natsCredsFile: readText('NATS_CREDS_FILE'),
    natsUser: readText('NATS_USER'),
    natsPassword: readText('NATS_PASSWORD'),
    natsToken: readText('NATS_TOKEN'),
    natsCaFile: readText('NATS_CA_FILE'),
    natsCertFile: readText('NATS_CERT_FILE'),
    natsKeyFile: readText('NATS_KEY_FILE'),
    natsStream: readMatching(
      'NATS_STREAM',
      NATS_NAME,
      'has to be a stream name: letters, digits, _ and -, at most 64.',
    ),
    natsConsumer:
      readMatching('NATS_CONSUMER', NATS_NAME, 'has to be a consumer name: letters, digits, _ and -, at most 64.') ??
      'analytics',
    streamLimits: streams.streamLimits({
      eventsMaxAgeDays: readInteger('EVENTS_MAX_AGE_DAYS', streams.DEFAULT_EVENTS_MAX_AGE_DAYS, 1, 3_650),
      eventsMaxMb: readInteger('EVENTS_MAX_MB', streams.DEFAULT_EVENTS_MAX_MB, 64, 100_000_000),
      deadLettersMaxMb: readInteger('DEAD_LETTERS_MAX_MB', streams.DEFAULT_DEAD_LETTERS_MAX_MB, 16, 100_000_000),
      delayedMaxMb: readInteger('DELAYED_MAX_MB', streams.DEFAULT_DELAYED_MAX_MB, 16, 100_000_000),
    }),
    clickhouseUrl,
    clickhouseUser: readText('CLICKHOUSE_USER') ?? 'default',
    clickhousePassword: environment['CLICKHOUSE_PASSWORD'] ?? '',
    clickhouseDatabase: readMatching('CLICKHOUSE_DATABASE', IDENTIFIER, IDENTIFIER_RULE) ?? 'analytics',
    clickhouseCluster,
    clickhouseReader:
      readerUser !== undefined && readerPassword !== undefined
        ? { user: readerUser, password: readerPassword }
        : undefined,
    jwtSecret,
    jwtJwksUrl,
    jwtPublicKey,
    jwtIssuer: readText('JWT_ISSUER'),
    jwtAudience: readText('JWT_AUDIENCE'),
    bufferSize: readInteger('BUFFER_SIZE', 100, 1, 100_000),
    flushIntervalMs: readInteger('FLUSH_INTERVAL_MS', 500, 10, 60_000),
    ingestMemoryMb: readInteger('INGEST_MEMORY_MB', 128, 16, 65_536),
    circuitBreakerWindowEvents: readInteger(
      'CIRCUIT_BREAKER_WINDOW_EVENTS',
      readInteger('BREAKER_EVENTS', 1_000, 0, 100_000_000),
      0,
      100_000_000,
    ),
    tenantEventsPerSecond: readInteger('TENANT_EVENTS_PER_SECOND', 0, 0, 100_000_000),
    tenantQuotas: readTenantQuotas('TENANT_QUOTAS'),
    tenantRequestsPerSecond: readInteger('TENANT_REQUESTS_PER_SECOND', 500, 0, 1_000_000),
    tenantConcurrentRequests: readInteger('TENANT_CONCURRENT_REQUESTS', 16, 0, 10_000),
    authFailuresPerMinute: readInteger('FAILED_CREDENTIALS_PER_MINUTE', 600, 0, 1_000_000),
    corsOrigins: readList(
      'CORS_ORIGINS',
      parseOrigin,
      'has to be a list of exact origins such as https://app.example, never *.',
    ),
    trustedProxies: readList(
      'TRUSTED_PROXIES',
      parseIpNetwork,
      'has to be a list of networks such as 10.0.0.0/8, fd00::/8.',
    ),
    hstsSeconds: readInteger('HSTS_SECONDS', 0, 0, 100_000_000),
    metricsTenants: readInteger('METRICS_TENANTS', 0, 0, 1_000),
    liveClientsPerTenant: readInteger('LIVE_CLIENTS_PER_TENANT', 100, 0, 1_000_000),
    liveClients: readInteger('LIVE_CLIENTS', 2_000, 0, 1_000_000),
    logLevel: readOneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    nativeThreads: readInteger('UV_THREADPOOL_SIZE', navigator.hardwareConcurrency, 1, 1_024),
  }
  if (problems.length > 0) throw new ConfigError([...new Set(problems)])
  return config
}

function splitList(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
