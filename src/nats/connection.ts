import { connect, credsAuthenticator, type ConnectionOptions, type NatsConnection } from 'nats'

export interface NatsCredentials {
  /** The content of a credentials file. */
  readonly creds?: Uint8Array | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly token?: string | undefined
}

export interface NatsOptions extends NatsCredentials {
  readonly servers: readonly string[]
  /** What the broker shows of us in its connection list. */
  readonly name: string
}

/** One connection that reconnects for ever. Rejects when no server answers now: the caller decides when to try again. */
export function connectNats(options: NatsOptions): Promise<NatsConnection> {
  const connection: ConnectionOptions = {
    servers: [...options.servers],
    name: options.name,
    timeout: 5_000,
    // The client's defaults give up after ten tries and then stay closed for good.
    maxReconnectAttempts: -1,
    // Credentials may be wrong for a moment while they are rotated.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 500,
    reconnectJitter: 250,
    pingInterval: 10_000,
    maxPingOut: 3,
  }
  if (options.creds) connection.authenticator = credsAuthenticator(options.creds)
  if (options.user) connection.user = options.user
  if (options.password) connection.pass = options.password
  if (options.token) connection.token = options.token
  return connect(connection)
}
