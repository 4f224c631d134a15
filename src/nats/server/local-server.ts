/**
 * The local broker: a nats-server with JetStream as our child, for the embedded default. Restarted when it dies or stores nothing more, stopped with us. Only who may read our
 * files gets in: other users of the machine reach the loopback interface too.
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
  /** Holds the password, for programs of the same user. */
  readonly passwordFile: string
  stop(): Promise<void>
}

const PREFERRED_PORT = 4222
const START_TIMEOUT_MS = 15_000
/** Beyond it, a kill: what the broker acknowledged is in its files. */
const STOP_GRACE_MS = 1_000
const HEALTH_CHECK_INTERVAL_MS = 1_000

/**
 * Starts the server over `<directory>/jetstream` and writes `<directory>/address.json` for producers on this machine. A server that a killed predecessor left behind
 * is ended first: two on one store would ruin it. Throws a StartFailure when nats-server is not installed.
 */
export async function startLocalServer(directory: string, clock: Clock, logger: Logger): Promise<LocalServer> {
  mkdirSync(storeDirectoryOf(directory), { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
  // Encoded, as servers refuse spaces in a name and write some other characters differently in their greeting.
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
    // In its own process group: a Ctrl-C in the terminal is for us, and we still have to store what it delivered.
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
      // One that no file names could not be ended later, and would share its store with the next one.
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
      logger.error('the local nats-server died and is restarted', { exitCode: code })
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
        logger.error('the local nats-server stores nothing more, which a full disk brings about; it is started again')
        child.kill('SIGTERM')
        await Promise.race([exited, sleep(clock, STOP_GRACE_MS)])
        child.kill('SIGKILL')
        await exited
      } catch (error) {
        logger.warn('the local nats-server cannot be looked at', { error })
      }
    }
  }

  await spawnServer()
  const supervision = restartOnExit()
  await waitUntil(
    async () => (await readServerName(port)) === name,
    START_TIMEOUT_MS,
    clock,
    'The local nats-server does not answer; see server.log in its directory.',
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

/** The usual port when it is free, else any. */
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
