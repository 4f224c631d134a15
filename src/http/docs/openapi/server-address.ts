/** A host name or an IP address, with or without a port. */
const HOST = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/
const PREFIX = /^(\/[A-Za-z0-9._~-]+)*$/

/**
 * The base URL under which the sender of a request reaches the service; `/` when the request does not contain it. It is made from headers that any client can send: use it
 * only in the response to the same request.
 */
export function serverAddressOf({ headers }: Request): string {
  const host = headers.get('host') ?? ''
  if (!HOST.test(host)) return '/'
  const scheme = headers.get('x-forwarded-proto')?.toLowerCase() === 'https' ? 'https' : 'http'
  const prefix = headers.get('x-forwarded-prefix')?.replace(/\/+$/, '') ?? ''
  return `${scheme}://${host}${PREFIX.test(prefix) ? prefix : ''}`
}
