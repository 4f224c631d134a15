/**
 * The routes that an app has: which route a request is for, and why a request has none.
 */
import { ApiFailure, invalidParameter } from '../../../base/errors.ts'
import { withoutTrailingSlash } from '../../routes.ts'

export interface RegisteredRoute {
  readonly method: string
  /** With `:name` for a variable part. */
  readonly path: string
}

export function notFound(): ApiFailure {
  return new ApiFailure('NOT_FOUND', 'There is nothing here. GET / says where things are.')
}

/** For a file below a known path. */
export function fileNotFound(): ApiFailure {
  return new ApiFailure('NOT_FOUND', 'There is no such file.')
}

/** The path of a request exists, but not for its method. */
export class MethodNotAllowed extends ApiFailure {
  /** For the header `Allow`. */
  readonly allowedMethods: readonly string[]

  constructor(allowedMethods: readonly string[]) {
    super('METHOD_NOT_ALLOWED', `Only ${methodsAsText(allowedMethods)} allowed here.`)
    this.allowedMethods = allowedMethods
  }
}

export class RouteTable {
  /** By path, without a slash at its end. */
  readonly #routesByPath = new Map<string, RegisteredRoute[]>()
  readonly #variablePaths: { readonly pattern: RegExp; readonly route: RegisteredRoute }[] = []

  constructor(routes: readonly RegisteredRoute[]) {
    for (const route of routes) {
      const path = withoutTrailingSlash(route.path)
      this.#routesByPath.set(path, [...(this.#routesByPath.get(path) ?? []), route])
      if (path.includes(':')) this.#variablePaths.push({ pattern: patternOf(path), route })
    }
  }

  /**
   * The route of a request. Throws NOT_FOUND when there is none, METHOD_NOT_ALLOWED when the path has routes for other methods only, and VALIDATION_ERROR when a variable part is
   * not percent-encoded UTF-8.
   */
  find(requestMethod: string, requestPath: string): RegisteredRoute {
    // A route for GET serves HEAD too.
    const method = requestMethod === 'HEAD' ? 'GET' : requestMethod
    const path = withoutTrailingSlash(requestPath)
    // A fixed path has precedence over a variable one.
    const routes = [
      ...(this.#routesByPath.get(path) ?? []),
      ...this.#variablePaths.filter(({ pattern }) => pattern.test(path)).map(({ route }) => route),
    ]
    const route = routes.find((each) => each.method === method)
    if (route) {
      if (route.path.includes(':')) requireDecodable(path)
      return route
    }
    if (routes.length === 0) throw notFound()
    // A path may be a fixed one and match a variable one.
    const methods = routes.flatMap((each) => (each.method === 'GET' ? ['GET', 'HEAD'] : [each.method]))
    throw new MethodNotAllowed([...new Set(methods)])
  }

  /** The path of a request as its route was registered, with the names of variable parts in place of their texts; `none` for a path without a route. */
  registeredPathOf(requestPath: string): string {
    const path = withoutTrailingSlash(requestPath)
    if (this.#routesByPath.has(path)) return path
    return this.#variablePathOf(path) ?? 'none'
  }

  /** The path of a request, with the names of variable parts in place of their texts. */
  loggedPathOf(requestPath: string): string {
    const path = withoutTrailingSlash(requestPath)
    return (this.#routesByPath.has(path) ? undefined : this.#variablePathOf(path)) ?? requestPath
  }

  #variablePathOf(path: string): string | undefined {
    return this.#variablePaths.find(({ pattern }) => pattern.test(path))?.route.path
  }
}

/** The framework would fail for such a path. */
function requireDecodable(path: string): void {
  try {
    decodeURIComponent(path)
  } catch {
    throw invalidParameter('id', 'Expected percent-encoded UTF-8.')
  }
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`)
}

/** `POST is`, `GET and HEAD are`, `GET, HEAD and POST are`. */
function methodsAsText(names: readonly string[]): string {
  if (names.length === 1) return `${names[0]} is`
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are`
}
