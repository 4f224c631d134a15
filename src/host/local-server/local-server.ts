/**
 * The local broker: a nats-server with JetStream as our child, for the embedded default. Restarted when it dies, stopped with us.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectSocket, createServer } from 'node:net'
import { join } from 'node:path'
import { backoffMs, type Clock, sleep } from '../clock.ts'
import { StartFailure } from '../errors.ts'
import type { Logger } from '../logger.ts'

export interface LocalServer {
  readonly url: string
  stop(): Promise<void>
}

interface Address {
  readonly url: string
  readonly port: number
  readonly pid: number
}

const HOST = '127.0.0.1'
const PREFERRED_PORT = 4222
const START_TIMEOUT_MS = 15_000
/** Beyond it, a kill: what the broker acknowledged is in its files. */
const STOP_GRACE_MS = 1_000
const STOP_TIMEOUT_MS = 5_000
/** Room for messages over 1 MiB: they then reach the dead letters instead of an error at the producer. */
const MAX_PAYLOAD_BYTES = 8 * 1_048_576

/**
 * Starts the server over `<directory>/jetstream` and writes `<directory>/address.json` for producers on this machine. A server that a killed predecessor left behind
 * is ended first: two on one store would ruin it. Throws a StartFailure when nats-server is not installed.
 */
export async function startLocalServer(directory: string, clock: Clock, logger: Logger): Promise<LocalServer> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const addressFile = join(directory, 'address.json')
  // Encoded, as servers refuse spaces in a name and write some other characters differently in their greeting.
  const name = `outreach-analytics:${encodeURIComponent(directory)}`
  await endLeftover(addressFile, name, clock)
  const port = await freePort()
  const url = `nats://${HOST}:${port}`
  const configFile = join(directory, 'server.conf')
  writeFileSync(
    configFile,
    `max_payload: ${MAX_PAYLOAD_BYTES}\njetstream { store_dir: ${JSON.stringify(join(directory, 'jetstream'))} }\n`,
  )

  let child: ChildProcess
  let isStopping = false
  const launch = async () => {
    child = spawn(
      'nats-server',
      [
        '--config',
        configFile,
        '--addr',
        HOST,
        '--port',
        String(port),
        '--name',
        name,
        '--log',
        join(directory, 'server.log'),
      ],
      {
        stdio: 'ignore',
        // Its own process group: a Ctrl-C in the terminal is for us, and we still have to store what it delivered.
        detached: true,
      },
    )
    const spawned = Promise.withResolvers<void>()
    child.once('spawn', spawned.resolve)
    child.once('error', () => {
      spawned.reject(
        new StartFailure(
          'nats-server cannot be started: install it (apt-get install nats-server), or set NATS_URL to a running one.',
        ),
      )
    })
    await spawned.promise
    writeFileSync(addressFile, `${JSON.stringify({ url, port, pid: child.pid! } satisfies Address)}\n`)
  }
  const supervise = async () => {
    for (let attempt = 0; ;) {
      const startedAt = clock.now()
      const code = await new Promise((resolve) => child.once('exit', resolve))
      if (isStopping) return
      logger.error('the local nats-server died and is restarted', { exitCode: code })
      if (clock.now() - startedAt > 60_000) attempt = 0
      for (let isUp = false; !isUp; attempt++) {
        await sleep(clock, backoffMs(attempt, { maxMs: 5_000 }))
        if (isStopping) return
        try {
          await launch()
          isUp = true
        } catch (error) {
          logger.error('the local nats-server cannot be started', { error })
        }
      }
    }
  }

  await launch()
  const supervision = supervise()
  await until(
    async () => (await serverName(port)) === name,
    START_TIMEOUT_MS,
    clock,
    'The local nats-server does not answer; see server.log in its directory.',
  )
  return {
    url,
    async stop() {
      isStopping = true
      child.kill('SIGTERM')
      await Promise.race([supervision, sleep(clock, STOP_GRACE_MS)])
      child.kill('SIGKILL')
      rmSync(addressFile, { force: true })
    },
  }
}

async function endLeftover(addressFile: string, name: string, clock: Clock): Promise<void> {
  let address: Address
  try {
    address = JSON.parse(readFileSync(addressFile, 'utf8')) as Address
  } catch {
    return
  }
  // The process id alone may belong to anyone by now: what answers on the port must say it is ours.
  if ((await serverName(address.port)) !== name) return
  process.kill(address.pid, 'SIGTERM')
  // It stops listening long before it has written its last.
  await until(
    () => Promise.resolve(!isRunning(address.pid)),
    STOP_TIMEOUT_MS,
    clock,
    'A nats-server left behind by an earlier run does not stop.',
  )
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  try {
    // Ended, but nobody has asked how: where the first process reaps no orphans, that lasts.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

/** The name in the greeting of what listens there; undefined when nothing does. */
function serverName(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let greeting = ''
    const socket = connectSocket({ host: HOST, port, timeout: 1_000 })
    const end = () => {
      socket.destroy()
      resolve(/"server_name":"([^"]*)"/.exec(greeting)?.[1])
    }
    socket.on('data', (chunk) => {
      greeting += String(chunk)
      if (greeting.includes('\r\n')) end()
    })
    socket.once('error', end).once('timeout', end).once('end', end)
  })
}

/** The usual port when it is free, else any. */
function freePort(port = PREFERRED_PORT): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => (port === 0 ? reject(error) : resolve(freePort(0))))
    probe.listen(port, HOST, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : port))
    })
  })
}

async function until(check: () => Promise<boolean>, timeoutMs: number, clock: Clock, failure: string): Promise<void> {
  const deadline = clock.now() + timeoutMs
  while (!(await check())) {
    if (clock.now() > deadline) throw new StartFailure(failure)
    await sleep(clock, 50)
  }
}
