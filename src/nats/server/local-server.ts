/**
 * The local broker: a nats-server with JetStream as a child process. It is restarted when it exits or stops storing messages, and stopped with the service. It requires a password
 * from a file that only its owner can read, because other users of the machine can reach the loopback interface too.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { backoffMs, type Clock, sleep } from '../../base/clock.ts'
import { StartFailure } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { connectNats } from '../connection.ts'
import { ServerHealth } from './server-health.ts'
import { stopOrphanedServer, readServerName, acceptsConnections, waitUntil } from './orphaned-server.ts'
import {
  LOCAL_HOST,
  LOCAL_USER,
  logFileOf,
  passwordFileOf,
  deleteOldLogs,
  readOrCreatePassword,
  removeServerAddress,
  storeDirectoryOf,
  writeServerAddress,
  writeServerConfiguration,
} from './server-files.ts'

export interface LocalServer {
  readonly url: string
  readonly user: string
  readonly password: string
  /** Contains the password, for programs of the same user. */
  readonly passwordFile: string
  stop(): Promise<void>
}

const PREFERRED_PORT = 4222
const START_TIMEOUT_MS = 15_000
/** After it the server is killed: every acknowledged message is in its files. */
const STOP_GRACE_MS = 1_000
const HEALTH_CHECK_INTERVAL_MS = 1_000

/**
 * Starts the server with the store `<directory>/jetstream` and writes `<directory>/address.json` for producers on this machine. A server of a killed process is stopped first.
 * Rejects with a StartFailure when nats-server is not installed.
 */
export async function startLocalServer(directory: string, clock: Clock, logger: Logger): Promise<LocalServer> {
  mkdirSync(storeDirectoryOf(directory), { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
  // Encoded, as servers refuse spaces in a name and change some other characters in their INFO message.
  const name = `outreach-analytics:${encodeURIComponent(directory)}`
  await stopOrphanedServer(directory, name, clock)
  const password = readOrCreatePassword(directory)
  const configFile = writeServerConfiguration(directory, password)
  const port = await findFreePort()
  const url = `nats://${LOCAL_HOST}:${port}`
  const stopped = new AbortController()
  const health = new ServerHealth(directory, () => acceptsConnections(port))

  let child: ChildProcess
  let exited: Promise<unknown>
  const spawnServer = async () => {
    const args = ['--config', configFile, '--addr', LOCAL_HOST, '--port', String(port), '--name', name]
    // In its own process group: Ctrl-C in the terminal must not stop the server before the service has stored what it delivered.
    child = spawn('nats-server', [...args, '--log', logFileOf(directory)], { stdio: 'ignore', detached: true })
    exited = new Promise((resolve) => child.once('exit', resolve))
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
    health.reset()
    try {
      writeServerAddress(directory, { url, port, pid: child.pid!, user: LOCAL_USER, password })
    } catch (error) {
      // Without an address file the server could not be stopped later, and the next one would use the same store.
      child.kill('SIGKILL')
      await exited
      throw error
    }
  }
  const restartOnExit = async () => {
    for (let attempt = 0; ;) {
      const startedAt = clock.monotonic()
      const code = await exited
      if (stopped.signal.aborted) return
      logger.error('the local nats-server exited; restarting it', { exitCode: code })
      if (clock.monotonic() - startedAt > 60_000) attempt = 0
      for (let isUp = false; !isUp; attempt++) {
        await sleep(clock, backoffMs(attempt, { maxMs: 5_000 }), stopped.signal)
        if (stopped.signal.aborted) return
        try {
          await spawnServer()
          isUp = true
        } catch (error) {
          logger.error('the local nats-server cannot be started', { error })
        }
      }
    }
  }
  const monitorHealth = async () => {
    while (!stopped.signal.aborted) {
      await sleep(clock, HEALTH_CHECK_INTERVAL_MS, stopped.signal)
      if (stopped.signal.aborted) break
      try {
        deleteOldLogs(directory)
        if (!(await health.needsRestart())) continue
        logger.error('the local nats-server has stopped storing messages, probably after a full disk; restarting it')
        child.kill('SIGTERM')
        await Promise.race([exited, sleep(clock, STOP_GRACE_MS)])
        child.kill('SIGKILL')
        await exited
      } catch (error) {
        logger.warn('the local nats-server cannot be checked', { error })
      }
    }
  }

  await spawnServer()
  const supervision = restartOnExit()
  await waitUntil(
    async () => (await readServerName(port)) === name,
    START_TIMEOUT_MS,
    clock,
    'The local nats-server does not respond; see server.log in its directory.',
  )
  const connection = await connectNats({
    servers: [url],
    name: 'outreach-analytics:supervisor',
    user: LOCAL_USER,
    password,
  })
  health.useConnection(connection)
  void monitorHealth()
  return {
    url,
    user: LOCAL_USER,
    password,
    passwordFile: passwordFileOf(directory),
    async stop() {
      stopped.abort()
      await connection.close()
      child.kill('SIGTERM')
      await Promise.race([supervision, sleep(clock, STOP_GRACE_MS)])
      child.kill('SIGKILL')
      removeServerAddress(directory)
    },
  }
}

/** The preferred port when it is free, otherwise any free port. */
function findFreePort(port = PREFERRED_PORT): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => (port === 0 ? reject(error) : resolve(findFreePort(0))))
    probe.listen(port, LOCAL_HOST, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : port))
    })
  })
}
