import { type Clock, systemClock, createSetBackDetector } from '../base/clock.ts'
import { connect, credsAuthenticator, type ConnectionOptions, type NatsConnection, NatsError } from 'nats'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'
import { guardCallbacks } from './callback-guard.ts'

/** Certificates and key in PEM format. */
export interface NatsTls {
  /** Authorities that may have signed the server's certificate, concatenated; by default those of the runtime. */
  readonly authorities?: string
  /** Client certificate, for servers that require one. */
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
  /** The client name in the broker's connection list. */
  readonly name: string
  /** Receives exceptions thrown in callbacks of subscriptions, which would otherwise end the connection's reader. */
  readonly report?: ReportUnexpectedError
}

/** Replaces the client's error codes for a failed TLS handshake, which do not state the cause. */
const TLS_FAILURES: Readonly<Record<string, string>> = {
  TIMEOUT:
    'The server did not respond in time. A server that requires a client certificate does not respond either when it receives none that it trusts.',
  SERVER_OPT_NA: 'The server does not offer TLS, and the configuration requires it.',
}

/**
 * Connects to one of the servers, and reconnects without limit to any of them and of the servers that they announce. With `tls`, or one address `tls://`, nothing is sent
 * without TLS. Rejects when no server responds now: the caller decides when to retry.
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
    // By default the client gives up after ten attempts and stays closed.
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
/** More than a usual cluster has servers: each of them is tried once with a shortened wait. */
const MAX_SHORTENED_WAITS = 8

/**
 * Returns a function that computes the wait before the next connection attempt, in milliseconds. The client compares the wall clock with the time of the last attempt, so
 * after that clock was set back it would wait for the same time in addition: that time is subtracted from the next waits.
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

/** Calls `onChange` each time the connection is lost or established again, until the signal aborts. */
export async function watchConnection(
  connection: NatsConnection,
  signal: AbortSignal,
  onChange: (isConnected: boolean) => void,
): Promise<void> {
  for await (const { type } of connection.status()) {
    // Each ping has a status too, so the loop ends soon after the abort.
    if (signal.aborted) return
    if (type === 'disconnect' || type === 'reconnect') onChange(type === 'reconnect')
  }
}

const DEFAULT_MAX_PAYLOAD_BYTES = 1_048_576

/** The largest message that the server accepts, headers included, in bytes. Before the first connection: the default of nats-server. */
export function maxPayloadOf({ info }: NatsConnection): number {
  return info?.max_payload ?? DEFAULT_MAX_PAYLOAD_BYTES
}
