import { answerStrayFailure, type Listener, type ListenerOptions, type Runtime } from '../runtime.ts'
import { answerOrUpgrade, createLiveSocketHandlers } from './live-socket.ts'
import { bundlePage } from './page-bundle.ts'
import { createPathTable } from './path-table.ts'

/** The app refuses bodies far smaller than this, with an answer; beyond it the runtime only hangs up. */
const MAX_BODY_BYTES = 16 * 1_048_576
/** So long a request with a body has, from its head to its answer. */
const BODY_DEADLINE_S = 10

export const runtime: Runtime = { listen, bundlePage }

function listen({ port, hostname, paths, fetch, report }: ListenerOptions): Listener {
  const answer: Parameters<typeof createPathTable>[1] = (request, listener) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') listener.timeout(request, BODY_DEADLINE_S)
    return answerOrUpgrade(request, listener, fetch)
  }
  const table = createPathTable(paths, answer)
  const server = Bun.serve({
    port,
    hostname,
    maxRequestBodySize: MAX_BODY_BYTES,
    // Not put off by what trickles in: a connection has so long for its next request, of which 10 s for the head of its first. As long as the slowest answer takes.
    idleTimeout: 60,
    development: false,
    websocket: createLiveSocketHandlers(report),
    routes: table.routes,
    fetch: table.otherwise,
    error: (error) => answerStrayFailure(error, report),
  })
  return {
    port: server.port ?? port,
    peerAddressOf: (request) => server.requestIP(request)?.address,
    isPathRewritten: table.isPathRewritten,
    stop: () => server.stop(),
  }
}
