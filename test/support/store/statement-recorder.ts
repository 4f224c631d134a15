/**
 * Stands where the node of a cluster would, since none can be started: takes down every statement that the official client sends it, with its settings, and answers
 * with rows that make the asker go on. What it is told is what would be told to a node.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Recorded {
  readonly sql: string
  /** Those that came beside the statement, by name. */
  readonly settings: Readonly<Record<string, string>>
}

/** The first whose pattern a statement matches answers it: with rows, or as the failure of a code. Whatever matches none is answered by no row. */
export interface Reply {
  readonly to: RegExp
  readonly rows?: readonly object[]
  readonly code?: number
  /** Used up after one answer. */
  readonly once?: boolean
}

export interface StatementRecorder {
  readonly url: string
  /** What came since this was last asked. */
  take(): Recorded[]
  stop(): void
}

/** Beside the settings: what the client tells with every statement. */
const NO_SETTINGS = ['query', 'query_id', 'database', 'default_format', 'max_query_size', 'enable_http_compression']

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
