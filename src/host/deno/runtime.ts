import { portableSha1 } from '../../base/bytes/sha1.ts'
import {
  unhandledErrorResponse,
  type Listener,
  type ListenerOptions,
  invalidHostResponse,
  type Runtime,
} from '../runtime.ts'
import { respondOrUpgrade } from './live-socket.ts'

export const runtime: Runtime = {
  // A call of node:crypto takes longer here than a hash in JavaScript.
  sha1: portableSha1,
  listen,
}

/** In a URL with such a host, the start of the path is ambiguous. */
const AMBIGUOUS_HOST_PATTERN = /[/\\?#]/

/** Unlike Bun's, this listener has no timeouts for heads, bodies and idle connections: see docs/deployment-deno.md. */
function listen({ port, hostname, fetch, report }: ListenerOptions): Listener {
  const connections = new WeakMap<Request, Deno.ServeHandlerInfo<Deno.NetAddr>>()
  const server = Deno.serve(
    {
      port,
      hostname,
      // The start's own output names the address.
      onListen: () => {},
      onError: (error) => unhandledErrorResponse(error, report),
    },
    (request, connection) => {
      if (AMBIGUOUS_HOST_PATTERN.test(request.headers.get('host') ?? '')) return invalidHostResponse()
      connections.set(request, connection)
      return respondOrUpgrade(request, fetch, report)
    },
  )
  return {
    port: server.addr.port,
    peerAddressOf: (request) => connections.get(request)?.remoteAddr.hostname,
    // The URL is the one that the client sent.
    isPathRewritten: () => false,
    stop: () => server.shutdown(),
  }
}
