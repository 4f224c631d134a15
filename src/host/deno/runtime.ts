import { answerStrayFailure, type Listener, type ListenerOptions, refuseHost, type Runtime } from '../runtime.ts'
import { answerOrUpgrade } from './live-socket.ts'

export const runtime: Runtime = { listen }

/** In an address made of such a host, nobody can tell where the path begins. */
const HIDES_PATH = /[/\\?#]/

/** Unlike Bun's, this listener hangs up on nobody: it has no times for heads, bodies and idle connections. README, "Where it runs", says what follows. */
function listen({ port, hostname, fetch, report }: ListenerOptions): Listener {
  const connections = new WeakMap<Request, Deno.ServeHandlerInfo<Deno.NetAddr>>()
  const server = Deno.serve(
    {
      port,
      hostname,
      // Who started us tells where.
      onListen: () => {},
      onError: (error) => answerStrayFailure(error, report),
    },
    (request, connection) => {
      if (HIDES_PATH.test(request.headers.get('host') ?? '')) return refuseHost()
      connections.set(request, connection)
      return answerOrUpgrade(request, fetch, report)
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
