import type { LiveSocket } from './live-socket.ts'

type Handler = (request: Request, server: Bun.Server<LiveSocket>) => Response | Promise<Response | undefined>

export interface PathTable {
  /** For the paths of the app, by the runtime's own router, which compares them with the request line. */
  readonly routes: Record<string, Handler>
  /** For every other request line. */
  readonly fallback: Handler
  /** Whether a request that names a path of the app by its address did not name it in its request line. */
  isPathRewritten(request: Request): boolean
}

/**
 * Tells the request line from the address that the runtime makes of it: `request.url` has `..`, `%2e` and backslashes resolved, and the line itself cannot be asked for.
 * `GET /x\..\metrics` has the address of `/metrics`, but only the runtime's router knows that it is not that path.
 */
export function createPathTable(paths: readonly string[], handler: Handler): PathTable {
  // The framework takes a path with a slash at its end, and the same without, for one.
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

/** The path of an address that the runtime made; undefined where it gives the request's target as it was sent. */
function resolvedPathOf({ url }: Request): string | undefined {
  if (url.startsWith('/')) return undefined
  return url.slice(url.indexOf('/', url.indexOf('://') + 3)).split(/[?#]/, 1)[0]
}
