import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from '../process/ports.ts'

/** A TCP proxy between a client and a server, with faults on demand. */
export interface TcpProxy {
  readonly port: number
  /** The bytes that have passed so far. */
  readonly bytes: { readonly toServer: number; readonly toClient: number }
  /** Delays all further bytes by this time, in each direction. */
  delay(latencyMs: number): void
  /** Drops all bytes from now on, while connections stay open. */
  swallow(isSwallowing: boolean): void
  /** Refuses new connections and resets existing ones until they are allowed again. */
  refuse(isRefusing: boolean): void
  /** Resets every connection after this number of further bytes from the server to its client: in the middle of a response. */
  resetAfter(byteCount: number): void
  /** Resets every connection now. */
  cut(): void
  close(): Promise<void>
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const port = await freePort()
  const pairs = new Set<readonly [Socket, Socket]>()
  const bytes = { toServer: 0, toClient: 0 }
  let latencyMs = 0
  let isSwallowing = false
  let isRefusing = false
  let bytesUntilReset = Infinity

  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy()
    pairs.clear()
  }
  const pass = (from: Socket, to: Socket, isAnswer: boolean) => {
    from.on('data', (chunk: Buffer) => {
      if (isSwallowing) return
      if (isAnswer && (bytesUntilReset -= chunk.length) < 0) {
        bytesUntilReset = Infinity
        return cut()
      }
      bytes[isAnswer ? 'toClient' : 'toServer'] += chunk.length
      const write = () => {
        // Without backpressure a fast sender would fill the memory of the proxy.
        if (!to.destroyed && !to.write(chunk)) {
          from.pause()
          to.once('drain', () => from.resume())
        }
      }
      if (latencyMs > 0) setTimeout(write, latencyMs)
      else write()
    })
    from.on('error', () => {})
    from.on('close', () => to.destroy())
  }
  const server: Server = createServer((client) => {
    if (isRefusing) {
      client.resetAndDestroy()
      return
    }
    const upstream = connect(targetPort, '127.0.0.1')
    const pair = [client, upstream] as const
    pairs.add(pair)
    client.once('close', () => pairs.delete(pair))
    pass(client, upstream, false)
    pass(upstream, client, true)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port,
    bytes,
    delay: (ms) => void (latencyMs = ms),
    swallow: (on) => void (isSwallowing = on),
    refuse(on) {
      isRefusing = on
      if (on) cut()
    },
    resetAfter: (byteCount) => void (bytesUntilReset = byteCount),
    cut,
    close() {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
