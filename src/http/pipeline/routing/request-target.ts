/**
 * The path and query that a client wrote into its request line, whatever its `Host` header says.
 */

/** Path and query of a request, as they were sent. */
export function targetOf({ url }: Request): string {
  // A runtime that cannot build an address from the Host header (none, an empty one, `a|b`) gives the request's target alone.
  if (url.startsWith('/')) return url
  const start = url.indexOf('/', url.indexOf('://') + 3)
  return start === -1 ? '/' : url.slice(start)
}

/** A path segment `.` or `..` (also as `%2e`) or a backslash: the URL standard would make another path of it. */
const NON_CANONICAL = /\\|(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i

/**
 * Whether the path is routed as it was written. A proxy in front may have rules for some paths, and need not resolve `/x\..\metrics` as the URL standard does:
 * another spelling of a path must not lead there.
 */
export function hasCanonicalPath(request: Request): boolean {
  const [path = ''] = targetOf(request).split(/[?#]/, 1)
  return !NON_CANONICAL.test(path)
}
