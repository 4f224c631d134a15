/**
 * What a killed predecessor may have left behind: its nats-server, which runs on. Two on one store would ruin it.
 */
import { readFileSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import { type Clock, sleep } from '../../base/clock.ts'
import { StartFailure } from '../../base/errors.ts'
import { LOCAL_HOST, readServerAddress } from './server-files.ts'

const STOP_TIMEOUT_MS = 5_000

/** Ends the server that the directory's address file names, if it is the one of that name. Rejects with a StartFailure when it does not stop. */
export async function stopOrphanedServer(directory: string, name: string, clock: Clock): Promise<void> {
  const address = readServerAddress(directory)
  // The process id alone may belong to anyone by now: what answers on the port must say it is ours.
  if (!address || (await readServerName(address.port)) !== name) return
  process.kill(address.pid, 'SIGTERM')
  // It stops listening long before it has written its last.
  await waitUntil(
    () => Promise.resolve(!isProcessRunning(address.pid)),
    STOP_TIMEOUT_MS,
    clock,
    'A nats-server left behind by an earlier run does not stop.',
  )
}

function isProcessRunning(pid: number): boolean {
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

/** The name in the greeting of what listens there, which a server gives before it asks for credentials; undefined when nothing does. */
export function readServerName(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let greeting = ''
    const socket = connectSocket({ host: LOCAL_HOST, port, timeout: 1_000 })
    const end = () => {
      socket.destroy()
      resolve(/"server_name":"([^"]*)"/.exec(greeting)?.[1])
    }
    socket.on('data', (chunk) => {
      greeting += String(chunk)
      if (greeting.includes('\r\n') || greeting.length > 65_536) end()
    })
    socket.once('error', end).once('timeout', end).once('end', end)
  })
}

/** Whether somebody listens there. */
export function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket({ host: LOCAL_HOST, port, timeout: 1_000 })
    const end = (isTaken: boolean) => {
      socket.destroy()
      resolve(isTaken)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false)).once('timeout', () => end(false))
  })
}

/** Resolves when `check` does so with true; rejects with a StartFailure of these words after `timeoutMs`. */
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
