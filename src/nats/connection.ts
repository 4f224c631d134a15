import { type Clock, systemClock, createSetBackDetector } from '../base/clock.ts'
import { connect, credsAuthenticator, type ConnectionOptions, type NatsConnection, NatsError } from 'nats'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'
import { guardCallbacks } from './callback-guard.ts'

/** Each as PEM. */
export interface NatsTls {
  /** Who may have signed the server's certificate, one after the other; by default those that the runtime knows. */
  readonly authorities?: string
  /** Our own certificate, for servers that ask for one. */
  readonly certificate?: string
  readonly key?: string
}

export interface NatsCredentials {
  /** The content of a credentials file. */
  readonly creds?: Uint8Array | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly token?: string | undefined
  readonly tls?: NatsTls | undefined
}

export interface NatsOptions extends NatsCredentials {
  readonly servers: readonly string[]
  /** What the broker shows of us in its connection list. */
  readonly name: string
  /** Told of exceptions in subscriptions' callbacks, which otherwise end the connection's reader. */
  readonly report?: ReportUnexpectedError
}

/** What the client says of a TLS that does not come about tells nobody anything. */
const TLS_FAILURES: Readonly<Record<string, string>> = {
  TIMEOUT:
    'The server does not answer in time. One that asks for a certificate of ours also falls silent when it gets none that it trusts.',
  SERVER_OPT_NA: 'The server offers no TLS, and nothing is sent without.',
}

/**
 * One connection that reconnects for ever, to any of the servers and those they tell of. With `tls`, or one address `tls://`, nothing is sent without TLS. Rejects when no
 * server answers now: the caller decides when to try again.
 */
export async function connectNats(options: NatsOptions, clock: Clock = systemClock): Promise<NatsConnection> {
  const connection = await open(options, clock)
  return options.report ? guardCallbacks(connection, options.report) : connection
}

async function open(options: NatsOptions, clock: Clock): Promise<NatsConnection> {
  const connection: ConnectionOptions = {
    servers: [...options.servers],
    name: options.name,
    timeout: 5_000,
    // The client's defaults give up after ten tries and then stay closed for good.
    maxReconnectAttempts: -1,
    // Credentials may be wrong for a moment while they are rotated.
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: createReconnectDelay(clock),
    pingInterval: 10_000,
    maxPingOut: 3,
  }
  if (options.creds) connection.authenticator = credsAuthenticator(options.creds)
  if (options.user) connection.user = options.user
  if (options.password) connection.pass = options.password
  if (options.token) connection.token = options.token
  const { tls } = options
  if (!tls && !options.servers.some((server) => server.startsWith('tls://'))) return connect(connection)
  connection.tls = {
    ...(tls?.authorities ? { ca: tls.authorities } : {}),
    ...(tls?.certificate && tls.key ? { cert: tls.certificate, key: tls.key } : {}),
  }
  return connect(connection).catch((error: unknown) => {
    const meaning = error instanceof NatsError ? TLS_FAILURES[error.code] : undefined
    throw meaning === undefined ? error : new Error(meaning, { cause: error })
  })
}

const RECONNECT_WAIT_MS = 500
const RECONNECT_JITTER_MS = 250
/** More than the servers of a usual cluster: each of them is tried once with a shortened wait. */
const MAX_SHORTENED_WAITS = 8

/**
 * How long the client waits before it tries a server again. The client compares the wall clock with the time of the last try, so after that clock was set back it would
 * wait for as long as it was set back: that time is taken off the next few waits.
 */
export function createReconnectDelay(clock: Clock): () => number {
  const readSetBack = createSetBackDetector(clock)
  let setBackMs = 0
  let shortenedLeft = 0
  return () => {
    const newSetBackMs = readSetBack()
    if (newSetBackMs > 0) {
      setBackMs = newSetBackMs
      shortenedLeft = MAX_SHORTENED_WAITS
    }
    const waitMs = RECONNECT_WAIT_MS + Math.random() * RECONNECT_JITTER_MS
    return shortenedLeft-- > 0 ? waitMs - setBackMs : waitMs
  }
}
