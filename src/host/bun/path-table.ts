import type { LiveSocket } from './live-socket.ts'

type Handler = (request: Request, server: Bun.Server<LiveSocket>) => Response | Promise<Response | undefined>

export interface PathTable {
  /** The paths of the app, for the runtime's router, which compares them with the request line. */
  readonly routes: Record<string, Handler>
  /** For every other request line. */
  readonly fallback: Handler
  /** Whether the URL of a request names a path of the app that its request line does not name. */
  isPathRewritten(request: Request): boolean
}

/**
 * Detects a request line that differs from the URL which the runtime makes of it: `request.url` has `..`, `%2e` and backslashes resolved, and the runtime does not expose
 * the line itself. `GET /x\..\metrics` has the URL of `/metrics`, but the runtime's router does not match it with that path.
 */
export function createPathTable(paths: readonly string[], handler: Handler): PathTable {
  // The framework treats a path with and without a slash at its end as the same.
  const variants = [...new Set(paths.flatMap((path) => [path.replace(/(?<=.)\/$/, ''), path.replace(/\/?$/, '/')]))]
  const patterns = variants.map(
    (path) => new RegExp(`^${path.replaceAll(/[.]/g, '\\.').replaceAll(/:\w+/g, '[^/]+')}$`),
  )
  const rewritten = new WeakSet<Request>()
  return {
    routes: Object.fromEntries(variants.map((path) => [path, handler])),
    fallback(request, server) {
      const path = resolvedPathOf(request)
      if (path !== undefined && patterns.some((pattern) => pattern.test(path))) rewritten.add(request)
      return handler(request, server)
    },
    isPathRewritten: (request) => rewritten.has(request),
  }
}

/** The path of a URL that the runtime has resolved; undefined where the runtime passes the request's target on as it was sent. */
function resolvedPathOf({ url }: Request): string | undefined {
  if (url.startsWith('/')) return undefined
  return url.slice(url.indexOf('/', url.indexOf('://') + 3)).split(/[?#]/, 1)[0]
}
