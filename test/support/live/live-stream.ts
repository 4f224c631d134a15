/** A live stream of a running API in the form that a page opens: by fetch, or as a WebSocket. */
import { LiveViewer, type Told } from './live-viewer.ts'
import type { Api } from '../process/service.ts'
import { token } from '../http/tokens.ts'

export interface OpenStream {
  readonly status: number
  readonly headers: Headers
  /** The body of a refusal. */
  readonly refusal: string
  readonly viewer: LiveViewer
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>
  close(): void
}

const PATH = '/api/v1/analytics/live'

export interface StreamRequest {
  readonly query?: string
  readonly tenant?: string
  /** `false` sends no token. */
  readonly authorization?: string | false
  readonly headers?: Readonly<Record<string, string>>
  readonly viewer?: LiveViewer
}

export function bearer(service: Api, tenant = 'tenant-1', claims = {}): string {
  return `Bearer ${token(service.secret, { tenantId: tenant, ...claims })}`
}

export async function openStream(service: Api, request: StreamRequest = {}): Promise<OpenStream> {
  const { query = '', tenant, authorization = bearer(service, tenant), viewer = new LiveViewer() } = request
  const leaving = new AbortController()
  const { fetch = globalThis.fetch } = service
  const response = await fetch(`${service.baseUrl}${PATH}${query}`, {
    headers: { ...(authorization === false ? {} : { authorization }), ...request.headers },
    signal: leaving.signal,
  })
  const isStream = response.status === 200
  return {
    status: response.status,
    headers: response.headers,
    refusal: isStream ? '' : await response.text(),
    viewer,
    ended: isStream ? readEvents(response.body!, viewer).catch(() => {}) : Promise.resolve(),
    close: () => leaving.abort(),
  }
}

/** Server-sent events by the standard, as far as the service uses it. */
async function readEvents(body: ReadableStream<Uint8Array>, viewer: LiveViewer): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end)
      text = text.slice(end + 2)
      const fields = new Map(
        block
          .split('\n')
          .filter((line) => !line.startsWith(':'))
          .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
      )
      if (fields.size === 0) continue
      const data = JSON.parse(fields.get('data') ?? '') as Told['data']
      viewer.take({ id: fields.get('id') ?? '', event: fields.get('event') ?? '', data })
    }
  }
}

/** The types of a page's WebSocket lack the second parameter that Bun's takes. */
const SocketWithOptions = WebSocket as unknown as new (address: string, options: Bun.WebSocketOptions) => WebSocket

/** The same as a WebSocket. Rejects when it is refused. */
export async function openSocket(
  service: Pick<Api, 'baseUrl'>,
  query: string,
  viewer = new LiveViewer(),
  options: Bun.WebSocketOptions = {},
) {
  const socket = new SocketWithOptions(`${service.baseUrl.replace('http', 'ws')}${PATH}/ws${query}`, options)
  const ended = new Promise<void>((resolve) => socket.addEventListener('close', () => resolve()))
  socket.addEventListener('message', ({ data }) => viewer.take(JSON.parse(data as string) as Told))
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error('The WebSocket was refused.')))
  })
  return { viewer, ended, close: () => socket.close() }
}

/** Requests a ticket as a page does. */
export async function askTicket(service: Api, authorization = bearer(service)): Promise<string> {
  const { fetch = globalThis.fetch } = service
  const response = await fetch(`${service.baseUrl}${PATH}/ticket`, { method: 'POST', headers: { authorization } })
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  return ((await response.json()) as { data: { ticket: string } }).data.ticket
}
