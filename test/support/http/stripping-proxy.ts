/** A reverse proxy like nginx with `location /analytics/ { proxy_pass http://service/; }`: it removes a path prefix and forwards the request. */
export interface StrippingProxy {
  /** Includes the prefix, without a slash at the end. */
  readonly baseUrl: string
  /** Every requested path that did not begin with the prefix. */
  readonly strays: readonly string[]
  stop(): Promise<void>
}

export interface StrippingProxyOptions {
  readonly target: string
  readonly prefix: string
  /** Added to each request, such as `x-forwarded-prefix`. */
  readonly headers?: Readonly<Record<string, string>>
}

export function startStrippingProxy({ target, prefix, headers = {} }: StrippingProxyOptions): StrippingProxy {
  const strays: string[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { pathname, search } = new URL(request.url)
      if (!pathname.startsWith(`${prefix}/`)) {
        strays.push(pathname)
        return new Response('There is nothing outside the prefix.', { status: 404 })
      }
      const passedOn = new Headers(request.headers)
      for (const [name, value] of Object.entries(headers)) passedOn.set(name, value)
      const answer = await fetch(target + pathname.slice(prefix.length) + search, {
        method: request.method,
        headers: passedOn,
        redirect: 'manual',
      })
      // The proxy has decompressed the body.
      const told = new Headers(answer.headers)
      told.delete('content-encoding')
      told.delete('content-length')
      return new Response(answer.body, { status: answer.status, headers: told })
    },
  })
  return { baseUrl: `http://127.0.0.1:${server.port}${prefix}`, strays, stop: () => server.stop(true) }
}
