/**
 * Simulates a node of a cluster, since no cluster can be started: records every statement of the official client with its settings, and responds with the rows that the
 * service needs to continue.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Recorded {
  readonly sql: string
  /** The settings in the request, by name. */
  readonly settings: Readonly<Record<string, string>>
}

/** The first reply whose pattern matches a statement is used: rows, or a failure with a code. Without a match the response has no rows. */
export interface Reply {
  readonly to: RegExp
  readonly rows?: readonly object[]
  readonly code?: number
  /** Whether the reply is used only once. */
  readonly once?: boolean
}

export interface StatementRecorder {
  readonly url: string
  /** The statements since the last call. */
  take(): Recorded[]
  stop(): void
}

/** Parameters of a request that are not settings. */
const NO_SETTINGS = [
  'query',
  'query_id',
  'database',
  'default_format',
  'max_query_size',
  'enable_http_compression',
  'wait_end_of_query',
]

export async function startRecorder(replies: readonly Reply[]): Promise<StatementRecorder> {
  let recorded: Recorded[] = []
  const left = [...replies]
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { searchParams } = new URL(request.url!, 'http://recorder')
    const sql = await statementOf(request, searchParams)
    const settings = [...searchParams].filter(([name]) => !NO_SETTINGS.includes(name) && !name.startsWith('param_'))
    recorded.push({ sql, settings: Object.fromEntries(settings) })
    const index = left.findIndex(({ to }) => to.test(sql))
    const reply = left[index]
    if (reply?.once) left.splice(index, 1)
    if (reply?.code !== undefined) {
      response.writeHead(404, { 'x-clickhouse-exception-code': String(reply.code) })
      response.end(`Code: ${reply.code}. DB::Exception: as it was told to. (RECORDED)`)
    } else response.end((reply?.rows ?? []).map((row) => `${JSON.stringify(row)}\n`).join(''))
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = recorded
      recorded = []
      return taken
    },
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function statementOf(request: IncomingMessage, searchParams: URLSearchParams): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  const body = Buffer.concat(chunks)
  return searchParams.get('query') ?? body.toString()
}
