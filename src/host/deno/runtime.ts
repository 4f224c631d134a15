import {
  unhandledErrorResponse,
  type Listener,
  type ListenerOptions,
  invalidHostResponse,
  type Runtime,
} from '../runtime.ts'
import { respondOrUpgrade } from './live-socket.ts'

export const runtime: Runtime = { listen }

/** In an address made of such a host, nobody can tell where the path begins. */
const AMBIGUOUS_HOST_PATTERN = /[/\\?#]/

/** Unlike Bun's, this listener hangs up on nobody: it has no times for heads, bodies and idle connections. README, "Where it runs", says what follows. */
function listen({ port, hostname, fetch, report }: ListenerOptions): Listener {
  const connections = new WeakMap<Request, Deno.ServeHandlerInfo<Deno.NetAddr>>()
  const server = Deno.serve(
    {
      port,
      hostname,
      // Who started us tells where.
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
    // Its addresses are what clients wrote.
    isPathRewritten: () => false,
    stop: () => server.shutdown(),
  }
}
