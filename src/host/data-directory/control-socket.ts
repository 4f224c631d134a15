/**
 * A control socket in the data directory: a running service takes requests from the commands there, since with the embedded engine it alone can reach the data. A socket that
 * only the directory's owner may use, who could read all of it anyway: no credentials are asked for.
 */
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import { CommandFailure } from '../connect-broker.ts'
import { withSocketPath } from './socket-path.ts'

const MAX_REQUEST_LENGTH = 65_536
const TIMEOUT_MS = 30_000

interface ControlResponse {
  readonly lines?: object[]
  readonly problem?: string
}

/** Takes requests until the process ends; `answer` rejects with words for the person who asks. What it takes and gives is never logged. */
export function openControlSocket(
  dataDir: string,
  handleRequest: (request: unknown) => Promise<object[]>,
  { logger, report }: { readonly logger: Logger; readonly report: ReportUnexpectedError },
): void {
  const file = socketPathOf(dataDir)
  // Left behind by a process that was killed: the directory is locked for this one.
  rmSync(file, { force: true })
  const server = createServer((socket) => {
    socket.on('error', () => {})
    readLine(socket)
      .then(
        async (line) => void socket.end(`${JSON.stringify(await respond(line, handleRequest))}\n`),
        () => void socket.destroy(),
      )
      .catch((error: unknown) => {
        report('socket', error)
        socket.destroy()
      })
  })
  const listen = (path: string) =>
    new Promise<void>((listening, reject) => {
      server.once('error', reject)
      server.listen(path, listening)
      server.unref()
    })
  withSocketPath(file, listen)
    .then(() => chmodSync(file, 0o600))
    .catch((error: unknown) => logger.warn('commands cannot reach this process', { error }))
}

async function respond(line: string, handleRequest: (request: unknown) => Promise<object[]>): Promise<ControlResponse> {
  try {
    return { lines: await handleRequest(JSON.parse(line)) }
  } catch (error) {
    return { problem: messageOf(error) }
  }
}

/** What a running service answers; undefined when there is none. Rejects with a Hint when it cannot do what it was asked. */
export async function sendControlRequest(dataDir: string, request: object): Promise<object[] | undefined> {
  const socket = await withSocketPath(socketPathOf(dataDir), connectSocket).catch(() => undefined)
  if (!socket) return undefined
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer')))
  socket.write(`${JSON.stringify(request)}\n`)
  const { lines, problem }: ControlResponse = await readLine(socket).then(
    (line) => JSON.parse(line) as ControlResponse,
    (error: unknown) => ({ problem: `The running service gave no answer (${messageOf(error)}).` }),
  )
  socket.destroy()
  if (!lines) throw new CommandFailure(problem ?? 'The running service gave no answer.')
  return lines
}

function socketPathOf(dataDir: string): string {
  return join(resolve(dataDir), 'control.sock')
}

function connectSocket(path: string): Promise<Socket | undefined> {
  return new Promise((opened) => {
    const socket = connect(path)
    socket.once('connect', () => opened(socket))
    socket.once('error', () => opened(undefined))
  })
}

/** One line; rejects when the connection ends before it or it is too long. */
function readLine(socket: Socket): Promise<string> {
  return new Promise((read, reject) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (piece) => {
      text += String(piece)
      const end = text.indexOf('\n')
      if (end >= 0) read(text.slice(0, end))
      else if (text.length > MAX_REQUEST_LENGTH) reject(new Error('too long'))
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('it hung up')))
  })
}
