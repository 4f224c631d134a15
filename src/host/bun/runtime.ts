import { limitConnections } from '../process/connection-limit.ts'
import { findOpenFiles } from '../process/open-files.ts'
import { unhandledErrorResponse, type Listener, type ListenerOptions, type Runtime } from '../runtime.ts'
import { respondOrUpgrade, createLiveSocketHandlers, type LiveSocket } from './live-socket.ts'
import { createPathTable } from './path-table.ts'

/** The app rejects far smaller bodies with a response; beyond this size the runtime closes the connection without one. */
const MAX_BODY_BYTES = 16 * 1_048_576
/** The time that a request with a body has from its head to its response. */
const BODY_DEADLINE_S = 10

export const runtime: Runtime = {
  sha1: (bytes, digest) => void Bun.SHA1.hash(bytes, digest),
  listen,
}

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
      // Received bytes do not extend it: a connection has this time for its next request, of which 10 s for the head of its first. The slowest response takes as long.
      idleTimeout: 60,
      development: false,
      // By default, two services on one port would share its requests, each with its own data.
      reusePort: false,
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
      // Pending requests get their response; idle connections are closed.
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
