/**
 * A control socket in the data directory. With the embedded engine only the running service can read the data, so that it executes the requests of the commands. Only the
 * directory's owner can connect, who can read all of the data anyway: there are no credentials.
 *
 * A request is one line of JSON. The response has one line per object, `{"line":…}`, and ends with `{"done":true}` or `{"failure":"…"}`; empty lines keep it alive.
 */
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { CommandFailure, messageOf, StoreFailure } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import { withSocketPath } from './socket-path.ts'

const MAX_LINE_LENGTH = 1_048_576
/** A connection without any line is closed after this time. */
const TIMEOUT_MS = 30_000
const KEEP_ALIVE_MS = 5_000

interface ResponseLine {
  readonly line?: object
  readonly done?: true
  readonly failure?: string
}

/** Executes a request, which may be any JSON value, and yields the objects of its response. Throws a CommandFailure or StoreFailure for a failure that the person should see. */
export type ControlRequestHandler = (request: unknown) => AsyncIterable<object>

/** Accepts requests until the process ends. Requests and responses are never logged. */
export function openControlSocket(
  dataDir: string,
  handleRequest: ControlRequestHandler,
  { logger, report }: { readonly logger: Logger; readonly report: ReportUnexpectedError },
): void {
  const file = socketPathOf(dataDir)
  // Remains from a process that was killed; the directory is locked for this process.
  rmSync(file, { force: true })
  const server = createServer((socket) => {
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy())
    socket.on('error', () => {})
    respond(socket, handleRequest, report).catch((error: unknown) => {
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
    .catch((error: unknown) =>
      logger.warn('the control socket cannot be opened; commands cannot reach this process', { error }),
    )
}

async function respond(
  socket: Socket,
  handleRequest: ControlRequestHandler,
  report: ReportUnexpectedError,
): Promise<void> {
  const request = await readLines(socket)
    .next()
    .catch(() => undefined)
  if (typeof request?.value !== 'string') return void socket.destroy()
  const keepAlive = setInterval(() => socket.write('\n'), KEEP_ALIVE_MS)
  try {
    for await (const line of handleRequest(JSON.parse(request.value))) {
      await writeLine(socket, { line })
      if (socket.destroyed) return
    }
    await writeLine(socket, { done: true })
  } catch (error) {
    if (!(error instanceof CommandFailure || error instanceof StoreFailure || error instanceof SyntaxError))
      report('socket', error)
    await writeLine(socket, { failure: messageOf(error) })
  } finally {
    clearInterval(keepAlive)
    // A paused socket does not notice that its client has closed the connection.
    socket.end(() => socket.destroy())
  }
}

/** Resolves when the client has read enough for the next line, or has closed the connection. */
async function writeLine(socket: Socket, line: ResponseLine): Promise<void> {
  if (socket.destroyed || socket.write(`${JSON.stringify(line)}\n`)) return
  await new Promise<void>((writable) => {
    const onWritable = () => {
      socket.off('drain', onWritable).off('close', onWritable)
      writable()
    }
    socket.on('drain', onWritable).on('close', onWritable)
  })
}

/** The objects of a running service's response; undefined when no service is running. The iteration throws a CommandFailure when the request fails. */
export async function sendControlRequest(dataDir: string, request: object): Promise<AsyncIterable<object> | undefined> {
  const socket = await withSocketPath(socketPathOf(dataDir), connectSocket).catch(() => undefined)
  return socket && readResponse(socket, request)
}

async function* readResponse(socket: Socket, request: object): AsyncGenerator<object> {
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('timed out')))
  socket.write(`${JSON.stringify(request)}\n`)
  try {
    for await (const text of readLines(socket)) {
      const { line, done, failure } = JSON.parse(text) as ResponseLine
      if (failure !== undefined) throw new CommandFailure(failure)
      if (done) return
      if (line) yield line
    }
  } catch (error) {
    if (error instanceof CommandFailure) throw error
    throw new CommandFailure(`The running service did not respond (${messageOf(error)}).`)
  } finally {
    socket.destroy()
  }
  throw new CommandFailure('The running service closed the connection before its response was complete.')
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

/** The non-empty lines of a connection. Throws when one is too long or the connection fails; leaving the iteration does not close it. */
async function* readLines(socket: Socket): AsyncGenerator<string> {
  let rest = ''
  socket.setEncoding('utf8')
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE_LENGTH) throw new Error('a line is too long')
    for (const line of lines) if (line !== '') yield line
  }
}
