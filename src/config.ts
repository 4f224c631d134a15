/**
 * The configuration: one list of the variables of the environment, from which the parser and the table in docs/configuration.md are made and against which
 * docker-compose.yml is checked.
 */
import {
  type Environment,
  type EnvironmentVariable,
  integer,
  list,
  matching,
  oneOf,
  flag,
  readVariables,
  secret,
  secretOfBytes,
  text,
  type VariableValues,
} from './base/variables/environment-variable.ts'
import { parseIpNetwork } from './base/addresses/ip-address.ts'
import { LOG_FORMATS, LOG_LEVELS, type LogLevel } from './base/logger.ts'
import * as types from './base/variables/variable-types.ts'
import { parseOrigin } from './base/addresses/web-address.ts'
import { classRules, DEFAULT_RULES_BY_TENANT } from './messages/classes/parse-class-rules.ts'
import * as streams from './nats/stream-limits.ts'

const DEFAULT_LOG_LEVEL: LogLevel = 'info'
const identifier = matching(
  /^[A-Za-z_][A-Za-z0-9_]{0,63}$/,
  'an identifier: letters, digits and _, not starting with a digit',
)
const natsName = (kind: string) =>
  matching(/^[A-Za-z0-9_-]{1,64}$/, `a ${kind} name: letters, digits, _ and -, at most 64`)

// The order is that of the documentation. A table: one variable per entry, its help on a line of its own.
// prettier-ignore
export const VARIABLES = {
  port: { name: 'PORT', type: integer(0, 65_535), default: 3_000,
    help: 'port of the HTTP listener' },
  host: { name: 'HOST', type: text, default: '0.0.0.0',
    help: 'address of the HTTP listener' },
  publicUrl: { name: 'PUBLIC_URL', type: types.publicUrl, default: undefined,
    help: 'the address under which people reach the service, with its path prefix (`https://stats.example/analytics`). The start-up output, the [sign-in link](dashboard-page.md#sign-in), `GET /`, the links in mail and the OpenAPI document name it. When it is unset, the output and the link name the address on this machine, and the document names the address of the request (`Host`, `x-forwarded-proto`, `x-forwarded-prefix`)' },
  dataDir: { name: 'DATA_DIR', type: text, default: './.data',
    help: 'directory of the embedded engine, the local broker and its password, the development secret and the sign-in link; one process at a time can use it' },
  natsServers: { name: 'NATS_URL', type: types.natsServers, default: undefined, defaultText: 'a local nats-server',
    help: 'one or more servers, comma separated. When one of them is `tls://`, nothing is sent without TLS' },
  natsCredsFile: { name: 'NATS_CREDS_FILE', type: text, default: undefined,
    help: 'credentials file, read at start' },
  natsUser: { name: 'NATS_USER', type: text, default: undefined,
    help: 'user name' },
  natsPassword: { name: 'NATS_PASSWORD', type: text, default: undefined,
    help: 'password of `NATS_USER`' },
  natsToken: { name: 'NATS_TOKEN', type: text, default: undefined,
    help: 'token' },
  natsCaFile: { name: 'NATS_CA_FILE', type: text, default: undefined, defaultText: 'the authorities that the runtime trusts',
    help: 'PEM file with the only certificate authorities to trust, one after the other. Nothing is sent without TLS' },
  natsCertFile: { name: 'NATS_CERT_FILE', type: text, default: undefined,
    help: 'PEM file with the client certificate, for servers that require one' },
  natsKeyFile: { name: 'NATS_KEY_FILE', type: text, default: undefined,
    help: 'PEM file with the key of that certificate' },
  natsStream: { name: 'NATS_STREAM', type: natsName('stream'), default: undefined, defaultText: 'the stream that captures the event subjects, else a new `EVENTS`',
    help: 'stream to consume. A mirror, or a stream with sources, has to be named here' },
  natsConsumer: { name: 'NATS_CONSUMER', type: natsName('consumer'), default: 'analytics',
    help: 'durable pull consumer. It identifies the environment: all [processes](several-processes.md) that share the work use the same name, and nothing else may use it' },
  eventsMaxAgeDays: { name: 'EVENTS_MAX_AGE_DAYS', type: integer(1, 3_650), default: streams.DEFAULT_EVENTS_MAX_AGE_DAYS,
    help: 'age at which events leave a stream that the service created. It bounds how far back a replay can read and how long the store may be unavailable, see [Limits of the streams](operations.md#limits-of-the-streams)' },
  eventsMaxMb: { name: 'EVENTS_MAX_MB', type: integer(64, 100_000_000), default: streams.DEFAULT_EVENTS_MAX_MB,
    help: 'size limit of that stream in MiB' },
  deadLettersMaxMb: { name: 'DEAD_LETTERS_MAX_MB', type: integer(16, 100_000_000), default: streams.DEFAULT_DEAD_LETTERS_MAX_MB,
    help: 'size limit of `ANALYTICS_DEAD` in MiB; beyond it the oldest dead letters are dropped' },
  deferredMaxMb: { name: 'DEFERRED_MAX_MB', type: integer(16, 100_000_000), default: streams.DEFAULT_DEFERRED_MAX_MB,
    help: 'size limit of `ANALYTICS_DEFERRED` in MiB; beyond it events over a quota are stored at once' },
  clickhouseUrl: { name: 'CLICKHOUSE_URL', type: types.httpUrl, default: undefined, defaultText: 'the embedded engine',
    help: '`http(s)://host:8123`' },
  clickhouseUser: { name: 'CLICKHOUSE_USER', type: text, default: 'default',
    help: 'user that writes events and applies migrations' },
  clickhousePassword: { name: 'CLICKHOUSE_PASSWORD', type: secret, default: '', defaultText: 'empty',
    help: 'password of `CLICKHOUSE_USER`' },
  clickhouseDatabase: { name: 'CLICKHOUSE_DATABASE', type: identifier, default: 'analytics',
    help: 'database' },
  clickhouseReaderUser: { name: 'CLICKHOUSE_READER_USER', type: identifier, default: undefined,
    help: 'user that reads the dashboards on a server, see [Row policies](security.md#row-policies)' },
  clickhouseReaderPassword: { name: 'CLICKHOUSE_READER_PASSWORD', type: secret, default: undefined,
    help: 'password of `CLICKHOUSE_READER_USER`' },
  clickhouseCluster: { name: 'CLICKHOUSE_CLUSTER', type: identifier, default: undefined, defaultText: 'one server',
    help: 'name of the cluster that the server belongs to, see [Clusters](clusters.md)' },
  jwtSecret: { name: 'JWT_SECRET', type: secretOfBytes(32), default: undefined, defaultText: 'generated, in `DATA_DIR`',
    help: 'HS256 key of at least 32 bytes. With `CLICKHOUSE_URL` one of `JWT_SECRET`, `JWT_PUBLIC_KEY` and `JWT_JWKS_URL` is required' },
  jwtJwksUrl: { name: 'JWT_JWKS_URL', type: types.httpUrl, default: undefined,
    help: 'address of the public keys for RS256, ES256 and EdDSA' },
  jwtPublicKey: { name: 'JWT_PUBLIC_KEY', type: types.publicKeys, default: undefined,
    help: 'public keys as PEM blocks, one after the other' },
  jwtIssuer: { name: 'JWT_ISSUER', type: text, default: undefined,
    help: 'required value of `iss`; checked when set' },
  jwtAudience: { name: 'JWT_AUDIENCE', type: text, default: undefined,
    help: 'required value of `aud`; checked when set' },
  bufferSize: { name: 'BUFFER_SIZE', type: integer(1, 100_000), default: 100,
    help: 'number of buffered events of one tenant at which a flush of all buffered events is due' },
  flushIntervalMs: { name: 'FLUSH_INTERVAL_MS', type: integer(10, 60_000), default: 500,
    help: 'age of the oldest buffered event, in milliseconds, at which a flush of all buffered events is due' },
  tenantEventsPerSecond: { name: 'TENANT_EVENTS_PER_SECOND', type: integer(0, 100_000_000), default: 0, defaultText: '`0` (no limit)',
    help: 'events per second that a tenant may store, with a burst of two seconds. Events over the quota are deferred, never lost' },
  tenantQuotas: { name: 'TENANT_QUOTAS', type: types.tenantQuotas, default: new Map<string, number>(), defaultText: '',
    help: 'other quotas by tenant: `tenant-1:500,tenant-2:0`' },
  ingestMemoryMb: { name: 'INGEST_MEMORY_MB', type: integer(16, 65_536), default: 64, defaultText: '`64`; the container sets `32`',
    help: "memory in MiB that ingestion may hold. The consumer's `max_ack_pending` and all other limits of ingestion derive from it" },
  idFilterMemoryMb: { name: 'ID_FILTER_MEMORY_MB', type: integer(0, 65_536), default: 512,
    help: 'limit in MiB of the [filters of stored ids](architecture.md#stored-ids) and of messages: three quarters for ids, which take 1.5 MiB per million stored events, and a quarter for messages, which take 3 MiB per million. With more of them a filter becomes less precise, and lookups take longer. `0`: no filters, every id and every message is looked up in the store' },
  circuitBreakerWindowEvents: { name: 'CIRCUIT_BREAKER_WINDOW_EVENTS', type: integer(0, 100_000_000), default: 1_000,
    help: 'when 95 % of this many events of a tenant are rejected, its circuit breaker opens: a log line and `analytics_open_circuit_breakers`, no pause. `0` disables it' },
  classRules: { name: 'CLASSIFICATION_RULES', type: classRules, default: DEFAULT_RULES_BY_TENANT, defaultText: '',
    help: 'other thresholds of the classes of opens and clicks, and networks of scanners, by tenant, as JSON, see [Configuration of the rules](engagement.md#configuration-of-the-rules)' },
  tenantRequestsPerSecond: { name: 'TENANT_REQUESTS_PER_SECOND', type: integer(0, 1_000_000), default: 500,
    help: 'dashboard requests per second that a tenant may have read from the store, with a burst of two seconds; `0` means no limit. See [Request limits](security.md#request-limits)' },
  tenantConcurrentRequests: { name: 'TENANT_CONCURRENT_REQUESTS', type: integer(0, 10_000), default: 16,
    help: 'dashboard requests of a tenant that may run at the same time; further ones wait. `0` means no limit' },
  authFailuresPerMinute: { name: 'AUTH_FAILURES_PER_MINUTE', type: integer(0, 1_000_000), default: 600,
    help: 'invalid credentials per minute that an address may send before it is throttled; `0` means no limit' },
  trustedProxies: { name: 'TRUSTED_PROXIES', type: list(parseIpNetwork, 'a list of networks such as 10.0.0.0/8, fd00::/8'), default: [], defaultText: '',
    help: "networks (`10.0.0.0/8,fd00::/8`) whose `x-forwarded-for` is trusted. When it is unset, clients behind a proxy share the proxy's address" },
  corsOrigins: { name: 'CORS_ORIGINS', type: list(parseOrigin, 'a list of exact origins such as https://app.example, never *'), default: [], defaultText: '',
    help: 'exact origins (`https://app.example`) whose pages may send requests from a browser' },
  hstsSeconds: { name: 'HSTS_SECONDS', type: integer(0, 100_000_000), default: 0, defaultText: '`0` (not sent)',
    help: '`max-age` of `Strict-Transport-Security`; set it when TLS terminates in front of the service' },
  mailServer: { name: 'SMTP_URL', type: types.mailServer, default: undefined, defaultText: 'no mail is sent',
    help: 'server that takes the [mail of schedules](reports.md#mail) and alerts: `smtp://user:password@host:587` (STARTTLS), `smtps://host:465` (TLS from the start). A login is sent without TLS to this machine only' },
  mailFrom: { name: 'MAIL_FROM', type: types.mailSender, default: undefined,
    help: 'sender of that mail: `Reports <reports@example.com>`. Required with `SMTP_URL`, as is `PUBLIC_URL`, which the links in mails begin with' },
  webhookAllowPrivate: { name: 'WEBHOOK_ALLOW_PRIVATE', type: flag, default: false, defaultText: '`false`',
    help: 'whether [webhooks of alert rules](alerts.md#webhooks) may call private and loopback addresses. Tenants choose these addresses: with `true` they reach the network of the service' },
  metricsTenants: { name: 'METRICS_TENANTS', type: integer(0, 1_000), default: 0,
    help: 'number of the busiest tenants that get metrics of their own. Their ids then appear in `/metrics`, which needs no token' },
  liveClientsPerTenant: { name: 'LIVE_CLIENTS_PER_TENANT', type: integer(0, 1_000_000), default: 100,
    help: 'open live streams per tenant' },
  liveClients: { name: 'LIVE_CLIENTS', type: integer(0, 1_000_000), default: 2_000,
    help: 'open live streams of all tenants' },
  logLevel: { name: 'LOG_LEVEL', type: oneOf(...LOG_LEVELS), default: DEFAULT_LOG_LEVEL,
    help: '`debug`, `info`, `warn`, `error`' },
  logFormat: { name: 'LOG_FORMAT', type: oneOf(...LOG_FORMATS), default: undefined, defaultText: '`text` on a terminal, else `json`',
    help: '`json`: one JSON object per line; `text`: lines to be read by people' },
  nativeThreads: { name: 'UV_THREADPOOL_SIZE', type: integer(1, 1_024), default: navigator.hardwareConcurrency, defaultText: 'the number of processors; `npm start` sets `8`',
    help: 'native threads of the runtime, which execute the statements of the embedded engine. The service opens one reader fewer than there are threads, at most 4, so that one thread remains for the writer' },
} satisfies Readonly<Record<string, EnvironmentVariable<unknown, unknown>>>

type Values = VariableValues<typeof VARIABLES>

/** The value of each variable, by the names of the list. `undefined` stands for a variable that is not set and has no default. */
export interface Config extends Values {
  readonly streamLimits: streams.StreamLimits
  /** The user that dashboards are read as, under the row policies; undefined = CLICKHOUSE_USER. */
  readonly clickhouseReader: { readonly user: string; readonly password: string } | undefined
}

/** Every problem of the environment, each naming its variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Reads the configuration; an empty variable counts as unset. Throws a ConfigError with every problem. */
export function parseConfig(environment: Environment): Config {
  const { values, problems } = readVariables(VARIABLES, environment)
  const found = [...problems, ...contradictionsOf(values, (name) => Boolean(environment[name]?.trim()))]
  if (found.length > 0) throw new ConfigError(found)
  const { clickhouseReaderUser: user, clickhouseReaderPassword: password } = values
  return {
    ...values,
    streamLimits: streams.streamLimits(values),
    clickhouseReader: user !== undefined && password !== undefined ? { user, password } : undefined,
  }
}

/** Contradictions between variables. `isSet` is also true for a variable with an invalid value. */
function contradictionsOf(values: Values, isSet: (name: string) => boolean): string[] {
  const hasServer = isSet('CLICKHOUSE_URL')
  const { clickhouseReaderUser: readerUser, clickhouseUser } = values
  const rules: readonly (readonly [isBroken: boolean, sentence: string])[] = [
    [
      isSet('NATS_CERT_FILE') !== isSet('NATS_KEY_FILE'),
      'NATS_CERT_FILE and NATS_KEY_FILE must be set together or not at all.',
    ],
    [
      hasServer && !['JWT_SECRET', 'JWT_PUBLIC_KEY', 'JWT_JWKS_URL'].some(isSet),
      'JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL is required with CLICKHOUSE_URL: without one no token can be verified.',
    ],
    [
      isSet('CLICKHOUSE_CLUSTER') && !hasServer,
      'CLICKHOUSE_CLUSTER needs a node of the cluster in CLICKHOUSE_URL: the embedded engine belongs to no cluster.',
    ],
    [
      readerUser !== undefined && (!hasServer || readerUser === clickhouseUser),
      'CLICKHOUSE_READER_USER must be another user than CLICKHOUSE_USER on the server of CLICKHOUSE_URL: the embedded engine has no users.',
    ],
    [
      isSet('SMTP_URL') && !(isSet('MAIL_FROM') && isSet('PUBLIC_URL')),
      'SMTP_URL needs MAIL_FROM, the sender of mail, and PUBLIC_URL, with which the links in mail begin.',
    ],
    [
      isSet('CLICKHOUSE_READER_USER') !== isSet('CLICKHOUSE_READER_PASSWORD'),
      'CLICKHOUSE_READER_USER and CLICKHOUSE_READER_PASSWORD must be set together or not at all.',
    ],
  ]
  return rules.flatMap(([isBroken, sentence]) => (isBroken ? sentence : []))
}
