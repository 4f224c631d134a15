import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A proxy that requires a prefix before every path of a service, like `location /analytics/ { proxy_pass http://service/; }` in nginx. */
export interface PrefixProxy {
  readonly baseUrl: string
  /** The path and query of every request, including refused ones. */
  readonly asked: readonly string[]
  close(): void
}

/** `prefix` begins and ends with a slash. Other paths get 404. */
export async function startPrefixProxy(
  targetPort: number,
  prefix: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<PrefixProxy> {
  const asked: string[] = []
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? ''
    asked.push(path)
    if (!path.startsWith(prefix)) {
      outgoing.writeHead(404).end()
      return
    }
    const forwarded = request(
      {
        host: '127.0.0.1',
        port: targetPort,
        method: incoming.method,
        path: path.slice(prefix.length - 1),
        headers: { ...incoming.headers, ...headers },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        outgoing.flushHeaders()
        answer.pipe(outgoing)
      },
    )
    forwarded.on('error', () => outgoing.destroy())
    outgoing.on('close', () => forwarded.destroy())
    incoming.pipe(forwarded)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
