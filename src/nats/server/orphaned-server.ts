/**
 * Stops the nats-server of a process that was killed. It continues to run, and two servers on one store directory would corrupt it.
 */
import { readFileSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import { type Clock, sleep } from '../../base/clock.ts'
import { StartFailure } from '../../base/errors.ts'
import { LOCAL_HOST, readServerAddress } from './server-files.ts'

const STOP_TIMEOUT_MS = 5_000

/** Stops the server in the directory's address file if its name is `name`. Rejects with a StartFailure when it does not stop. */
export async function stopOrphanedServer(directory: string, name: string, clock: Clock): Promise<void> {
  const address = readServerAddress(directory)
  // Another process may have the process id by now, so the server on that port has to report the expected name.
  if (!address || (await readServerName(address.port)) !== name) return
  process.kill(address.pid, 'SIGTERM')
  // The server closes its port before it has written everything, so the end of the process is awaited.
  await waitUntil(
    () => Promise.resolve(!isProcessRunning(address.pid)),
    STOP_TIMEOUT_MS,
    clock,
    'A nats-server of an earlier run does not stop.',
  )
}

function isProcessRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  try {
    // A zombie has ended. It stays in the process table where the init process does not reap orphans.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

/** The server name in the INFO message on that port, which a server sends before it requires credentials; undefined when no server responds. */
export function readServerName(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let info = ''
    const socket = connectSocket({ host: LOCAL_HOST, port, timeout: 1_000 })
    const end = () => {
      socket.destroy()
      resolve(/"server_name":"([^"]*)"/.exec(info)?.[1])
    }
    socket.on('data', (chunk) => {
      info += String(chunk)
      if (info.includes('\r\n') || info.length > 65_536) end()
    })
    socket.once('error', end).once('timeout', end).once('end', end)
  })
}

/** Whether a process accepts connections on that port. */
export function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket({ host: LOCAL_HOST, port, timeout: 1_000 })
    const end = (isAccepted: boolean) => {
      socket.destroy()
      resolve(isAccepted)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false)).once('timeout', () => end(false))
  })
}

/** Resolves when `check` resolves with true; rejects with a StartFailure with the message `failure` after `timeoutMs`. */
export async function waitUntil(
  check: () => Promise<boolean>,
  timeoutMs: number,
  clock: Clock,
  failure: string,
): Promise<void> {
  const deadline = clock.monotonic() + timeoutMs
  while (!(await check())) {
    if (clock.monotonic() > deadline) throw new StartFailure(failure)
    await sleep(clock, 50)
  }
}
