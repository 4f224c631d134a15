/**
 * The paths of the app: which of them anyone may request, which exist, and with which methods.
 */
import { ApiFailure } from '../../base/errors.ts'

/** Routes anyone may ask; every other path, known or not, needs a token or a key: a route added later is closed until someone opens it here. */
const PUBLIC_PATHS: readonly RegExp[] = [
  /^\/$/,
  /^\/favicon\.ico$/,
  /^\/health(\/|\/live|\/ready)?$/,
  // Without a slash at its end: a proxy may have a rule for exactly this path.
  /^\/metrics$/,
  /^\/docs\/?$/,
  /^\/docs\/json$/,
  /^\/docs\/events\.json$/,
  /^\/docs\/assets\/[a-z0-9.-]+$/,
  /^\/dashboard\/?$/,
  /^\/dashboard\/assets\/[A-Za-z0-9._-]+$/,
  /^\/dashboard\/session$/,
]

export function isPublicPath(path: string): boolean {
  return PUBLIC_PATHS.some((pattern) => pattern.test(path))
}

/** Probes and scrapers come every few seconds: they are worth a line in the log only when someone is looking for them. */
export function isProbePath(path: string): boolean {
  return /^\/(health(\/|$)|metrics$)/.test(path)
}

/** The framework takes a path with a slash at its end for the same one. */
export function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

export function notFound(): ApiFailure {
  return new ApiFailure('NOT_FOUND', 'There is nothing here. GET / says where things are.')
}

/** The paths that have a route, and their methods. */
export class RouteTable {
  readonly #methods = new Map<string, string[]>()

  register(routes: readonly { readonly method: string; readonly path: string }[]): void {
    for (const { path, method } of routes) {
      const normalizedPath = withoutTrailingSlash(path)
      this.#methods.set(normalizedPath, [...(this.#methods.get(normalizedPath) ?? []), method])
    }
  }

  /** The path where it is one of ours: any other is text that a stranger wrote. */
  routeOf(path: string): string {
    const normalizedPath = withoutTrailingSlash(path)
    return this.#methods.has(normalizedPath) ? normalizedPath : 'none'
  }

  /** Why a request found no route, and the methods that its path has. */
  explainNoMatch(path: string): { readonly failure: ApiFailure; readonly methods: readonly string[] } {
    const methods = (this.#methods.get(withoutTrailingSlash(path)) ?? []).flatMap((method) =>
      method === 'GET' ? ['GET', 'HEAD'] : [method],
    )
    if (methods.length === 0) return { failure: notFound(), methods }
    const failure = new ApiFailure('METHOD_NOT_ALLOWED', `Only ${methodsAsText(methods)} allowed here.`)
    return { failure, methods }
  }
}

/** `POST is`, `GET and HEAD are`, `GET, HEAD and POST are`. */
function methodsAsText(names: readonly string[]): string {
  if (names.length === 1) return `${names[0]} is`
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are`
}
