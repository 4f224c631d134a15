import { answerStrayFailure, type Listener, type ListenerOptions, type Runtime } from '../runtime.ts'
import { answerOrUpgrade } from './live-socket.ts'

export const runtime: Runtime = { listen }

/** Unlike Bun's, this listener hangs up on nobody: it has no times for heads, bodies and idle connections. README, "Where it runs", says what follows. */
function listen({ port, hostname, fetch, logger }: ListenerOptions): Listener {
  const connections = new WeakMap<Request, Deno.ServeHandlerInfo<Deno.NetAddr>>()
  const server = Deno.serve(
    {
      port,
      hostname,
      // Who started us tells where.
      onListen: () => {},
      onError: (error) => answerStrayFailure(error, logger),
    },
    (request, connection) => {
      connections.set(request, connection)
      return answerOrUpgrade(request, fetch)
    },
  )
  return {
    port: server.addr.port,
    peerAddressOf: (request) => connections.get(request)?.remoteAddr.hostname,
    stop: () => server.shutdown(),
  }
}
