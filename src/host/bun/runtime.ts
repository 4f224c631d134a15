import { limitConnections } from '../process/connection-limit.ts'
import { findOpenFiles } from '../process/open-files.ts'
import { unhandledErrorResponse, type Listener, type ListenerOptions, type Runtime } from '../runtime.ts'
import { respondOrUpgrade, createLiveSocketHandlers, type LiveSocket } from './live-socket.ts'
import { createPathTable } from './path-table.ts'

/** The app refuses bodies far smaller than this, with an answer; beyond it the runtime only hangs up. */
const MAX_BODY_BYTES = 16 * 1_048_576
/** So long a request with a body has, from its head to its answer. */
const BODY_DEADLINE_S = 10

export const runtime: Runtime = { listen }

function listen({ port, hostname, paths, fetch, clock, logger, report }: ListenerOptions): Listener {
  const table = createPathTable(paths, (request, listener) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') listener.timeout(request, BODY_DEADLINE_S)
    return respondOrUpgrade(request, listener, fetch)
  })
  const serve = (bindPort: number): Bun.Server<LiveSocket> =>
    Bun.serve({
      port: bindPort,
      hostname,
      maxRequestBodySize: MAX_BODY_BYTES,
      // Not put off by what trickles in: a connection has so long for its next request, of which 10 s for the head of its first. As long as the slowest answer takes.
      idleTimeout: 60,
      development: false,
      websocket: createLiveSocketHandlers(report),
      routes: table.routes,
      fetch: table.fallback,
      error: (error) => unhandledErrorResponse(error, report),
    })
  let server = serve(port)
  const boundPort = server.port ?? port
  const files = findOpenFiles()
  const stopConnectionLimit =
    files &&
    limitConnections({
      files,
      clock,
      logger,
      // What is under way is answered, what is idle is closed.
      pause: () => void server.stop().catch((error: unknown) => report('socket', error)),
      resume: () => {
        server = serve(boundPort)
      },
    })
  return {
    port: boundPort,
    peerAddressOf: (request) => server.requestIP(request)?.address,
    isPathRewritten: table.isPathRewritten,
    stop() {
      stopConnectionLimit?.()
      return server.stop()
    },
  }
}
