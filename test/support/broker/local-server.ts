/** Local servers on temporary directories, and connections with the contents of their address files. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type NatsConnection } from 'nats'
import { systemClock } from '../../../src/base/clock.ts'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import { type LocalServer, startLocalServer } from '../../../src/nats/server/local-server.ts'
import { silentLogger } from '../base/silent-logger.ts'

export const LOCAL_SERVER_TEST_MS = 40_000
const servers: LocalServer[] = []
const directories: string[] = []
/** Stops all started servers and deletes the directories. */
export async function endLocalServers(): Promise<void> {
  for (const server of servers.splice(0)) await server.stop()
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
}

export function newDirectory(name = 'plain'): string {
  const parent = mkdtempSync(join(tmpdir(), 'outreach-local-'))
  directories.push(parent)
  return join(parent, name)
}

export async function startLocal(directory: string, logger = silentLogger) {
  const server = await startLocalServer(directory, systemClock, logger)
  servers.push(server)
  return server
}

interface Address {
  readonly url: string
  readonly pid: number
  readonly user: string
  readonly password: string
}

const addressOf = (directory: string) => JSON.parse(readFileSync(join(directory, 'address.json'), 'utf8')) as Address
export const pidOf = (directory: string) => addressOf(directory).pid

/** Whether it runs, or has exited without being awaited. */
export function isAlive(pid: number): boolean {
  const status = `/proc/${pid}/status`
  return existsSync(status) && !/^State:\s+Z/m.test(readFileSync(status, 'utf8'))
}

/** Connects with the contents of the address file. */
export async function withConnection<Result>(directory: string, task: (connection: NatsConnection) => Promise<Result>) {
  const { url, user, password } = addressOf(directory)
  const connection = await connect({ servers: url, user, pass: password, reconnect: false, timeout: 1_000 })
  try {
    return await task(connection)
  } finally {
    await connection.close()
  }
}

export const storedCount = (directory: string) =>
  withConnection(directory, async (connection) => {
    const jsm = await connection.jetstreamManager()
    return (await jsm.streams.info('EVENTS')).state.messages
  })

export const makeStream = (directory: string) =>
  withConnection(directory, async (connection) => {
    await (await connection.jetstreamManager()).streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
  })

export const publishStarted = (directory: string, data: Uint8Array | string) =>
  withConnection(directory, (connection) => connection.jetstream().publish('campaign.started', data))
