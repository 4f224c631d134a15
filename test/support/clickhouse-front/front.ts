import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer } from './answer.ts'
import type { Engine, Statement } from './engine.ts'
import { ClickHouseFailure, exceptionText, statusOfCode } from './exceptions.ts'
import type { Fault, Faults } from './faults.ts'
import { readBody, readCredentials, readStatementRequest, send } from './request.ts'
import { readStatement } from './sql-text.ts'

interface FrontOptions {
  readonly engine: Engine
  readonly faults: Faults
  /** With a user, every other user or password is refused (code 516); without, no credentials are required. */
  readonly credentials?: { readonly user: string; readonly password: string }
}

/**
 * ClickHouse's HTTP interface over the embedded engine: it converts requests of `@clickhouse/client` into statements of the
 * engine. Returns a server that does not listen yet.
 */
export function createFront(options: FrontOptions): Server {
  const server = createServer((request, response) => {
    handle(options, request, response).catch(() => request.socket.destroy())
  })
  // The default of a server; the client reads it to determine how long it may reuse an idle socket.
  server.keepAliveTimeout = 30_000
  server.requestTimeout = 0
  return server
}

async function handle(options: FrontOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://front')
  if (url.pathname === '/__faults') return answerFaults(options.faults, request, response)
  if (url.pathname === '/ping') {
    const goesOn = await apply(options.faults.take('PING'), 'before', request, response, options.engine.version)
    return goesOn ? void response.end('Ok.\n') : undefined
  }
  if (url.pathname !== '/') return void response.writeHead(404).end(`There is no handle ${url.pathname}\n`)
  try {
    await answerStatement(options, request, response, url)
  } catch (error) {
    if (!(error instanceof ClickHouseFailure)) throw error
    response.statusCode = statusOfCode(error.code)
    response.setHeader('X-ClickHouse-Exception-Code', error.code)
    response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
    send(request, response, url, Buffer.from(exceptionText(error, options.engine.version)))
  }
}

async function answerStatement(
  { engine, faults, credentials }: FrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const body = await readBody(request)
  response.setHeader('X-ClickHouse-Server-Display-Name', 'clickhouse-front')
  const { user, password } = readCredentials(request, url)
  if (credentials !== undefined && (user !== credentials.user || password !== credentials.password)) {
    const reason = 'password is incorrect, or there is no user with such name'
    throw new ClickHouseFailure(516, 'AUTHENTICATION_FAILED', `${user}: Authentication failed: ${reason}`)
  }
  const statement = await readStatementRequest(request, url, body)
  response.setHeader('X-ClickHouse-Query-Id', statement.queryId)
  response.setHeader('X-ClickHouse-Timezone', engine.timezone)
  const fault = faults.take(sqlOnly(statement))
  if (fault?.abandonMs !== undefined) {
    request.socket.destroy()
    await wait(fault.abandonMs)
    await engine.run(statement).catch(() => {})
    return
  }
  if (!(await apply(fault, 'before', request, response, engine.version))) return
  const answer = await engine.run(statement)
  if (!(await apply(fault, 'after', request, response, engine.version))) return
  response.setHeader('X-ClickHouse-Summary', JSON.stringify(summary(answer)))
  if (!answer.isInsert) response.setHeader('X-ClickHouse-Format', answer.format)
  response.setHeader('Content-Type', contentType(answer))
  send(request, response, url, answer.bytes)
}

/** Returns false when the fault has handled the request. */
async function apply(
  fault: Fault | undefined,
  point: 'before' | 'after',
  request: IncomingMessage,
  response: ServerResponse,
  version: string,
): Promise<boolean> {
  if (fault === undefined || (fault.at ?? 'before') !== point) return true
  if (fault.delayMs !== undefined) await wait(fault.delayMs)
  if (fault.drop === true) {
    request.socket.destroy()
    return false
  }
  if (fault.fail === undefined) return true
  const { status, code, headers = {} } = fault.fail
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (code !== undefined) response.setHeader('X-ClickHouse-Exception-Code', code)
  const failure = new ClickHouseFailure(code ?? 0, 'INJECTED_FAULT', 'Fault switched on by the test')
  response.end(fault.fail.body ?? (code === undefined ? '' : exceptionText(failure, version)))
  return false
}

async function answerFaults(faults: Faults, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request)
  try {
    if (request.method === 'POST') faults.add([JSON.parse(body.toString()) as Fault | Fault[]].flat())
    const answer = request.method === 'DELETE' ? faults.clear() : faults.list()
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer))
  } catch (error) {
    response.writeHead(400).end(String(error))
  }
}

function sqlOnly({ text, body }: Statement): string {
  const sql = (text.length > 0 ? text : body).toString('latin1')
  return sql.slice(0, readStatement(sql).data?.headEnd)
}

/** The embedded engine counts the rows of a result, not the rows read for it; both fields contain that count. */
function summary({ rows, byteCount, isInsert, elapsedNs }: Answer): Record<string, string> {
  const [written, result] = isInsert ? [1, 0] : [0, 1]
  return {
    read_rows: String(rows),
    read_bytes: String(byteCount),
    written_rows: String(rows * written),
    written_bytes: String(byteCount * written),
    total_rows_to_read: '0',
    result_rows: String(rows * result),
    result_bytes: String(byteCount * result),
    elapsed_ns: String(elapsedNs),
  }
}

function contentType({ format }: Answer): string {
  if (/^JSON.*EachRow/.test(format)) return 'application/x-ndjson; charset=UTF-8'
  if (format.startsWith('JSON')) return 'application/json; charset=UTF-8'
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8; header=absent'
  if (/^(TSV|TabSeparated)/.test(format)) return 'text/tab-separated-values; charset=UTF-8'
  return /^(Native|RowBinary|Arrow|Parquet|ORC)/.test(format) ? 'application/octet-stream' : 'text/plain; charset=UTF-8'
}
