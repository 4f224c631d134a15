import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type ConnectionOptions, headers, type PubAck } from 'nats'
import { type Child, launch } from '../process/children.ts'
import { freePort } from '../process/ports.ts'
import { until } from '../process/until.ts'

export interface NatsServer {
  readonly url: string
  readonly port: number
  readonly dir: string
  readonly pid: number
  /** Ends the server like a crash, without a flush or a clean disconnect. The data remains. */
  kill9(): Promise<void>
  /** Stops the server permanently and deletes its directory if it is a temporary one. */
  stop(): Promise<void>
  /** Kills the server if it is running, then starts it on the same port and data. */
  restart(): Promise<void>
}

export interface NatsServerOptions {
  /** The directory of the streams; a temporary directory by default. */
  readonly dir?: string
  readonly port?: number
  /** Maximum size of a message in bytes; the default of the server is 1 MiB. */
  readonly maxPayloadBytes?: number
  /** Additional lines for the configuration file. */
  readonly config?: string
  /** The credentials of a client, if the configuration requires them. */
  readonly access?: ConnectionOptions
}

const MISSING = 'The tests need a real NATS server on PATH: apt-get install nats-server (2.9 or newer).'

/** A real nats-server with JetStream on the loopback interface, ready for clients when this resolves. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'outreach-nats-'))
  const port = options.port ?? (await freePort())
  const url = `nats://127.0.0.1:${port}`
  const configFile = join(dir, 'server.conf')
  const logFile = join(dir, 'server.log')
  const maxPayload = options.maxPayloadBytes ? `max_payload: ${options.maxPayloadBytes}\n` : ''
  writeFileSync(configFile, `${maxPayload}${options.config ?? ''}\n`)

  async function start(): Promise<Child> {
    const args = ['-c', configFile, '-a', '127.0.0.1', '-p', String(port), '-js', '-sd', dir]
    const child = await launch(
      { program: 'nats-server', args, env: { PATH: process.env['PATH'] ?? '' }, logFile },
      MISSING,
    )
    await until(
      async () => {
        if (child.hasExited()) return true
        const probe = await connect({ servers: url, reconnect: false, timeout: 500, ...options.access })
        try {
          // A server of a cluster is ready only after the election of a leader.
          await probe.jetstreamManager({ timeout: 500 })
        } finally {
          await probe.close()
        }
        return true
      },
      20_000,
      'nats-server to answer',
    )
    if (child.hasExited()) throw new Error(`nats-server ended at start: ${readFileSync(logFile, 'utf8').slice(-2000)}`)
    return child
  }

  let child = await start()
  return {
    url,
    port,
    dir,
    get pid() {
      return child.pid
    },
    async kill9() {
      await child.end('SIGKILL')
    },
    async stop() {
      await child.end('SIGTERM')
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true })
    },
    async restart() {
      await child.end('SIGKILL')
      child = await start()
    },
  }
}

/** A message for the stream: an object is sent as JSON, text as UTF-8, bytes unchanged. */
export type Message = readonly [
  subject: string,
  body: object | string | Uint8Array,
  headers?: Readonly<Record<string, string>>,
]

/**
 * Publishes with an acknowledgement per message, `inflight` at a time, and returns the acknowledgements in the order
 * of `messages`. Throws when no stream captures a subject.
 */
export async function publish(
  natsUrl: string,
  messages: readonly Message[],
  { inflight = 500 }: { readonly inflight?: number } = {},
): Promise<PubAck[]> {
  const connection = await connect({ servers: natsUrl.split(',') })
  try {
    const jetstream = connection.jetstream()
    const acknowledged: PubAck[] = []
    for (let from = 0; from < messages.length; from += inflight) {
      const sent = messages.slice(from, from + inflight).map(([subject, body, fields]) => {
        if (!fields) return jetstream.publish(subject, bytesOf(body))
        const natsHeaders = headers()
        for (const [name, value] of Object.entries(fields)) natsHeaders.set(name, value)
        return jetstream.publish(subject, bytesOf(body), { headers: natsHeaders })
      })
      acknowledged.push(...(await Promise.all(sent)))
    }
    return acknowledged
  } finally {
    await connection.close()
  }
}

function bytesOf(body: object | string | Uint8Array): Uint8Array {
  if (body instanceof Uint8Array) return body
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
}
