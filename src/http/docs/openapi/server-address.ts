/** A host name or an address, with its port or without. */
const HOST = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/
const PREFIX = /^(\/[A-Za-z0-9._~-]+)*$/

/**
 * The address under which the sender of a request reaches the service; `/` when the request does not say. It is made of headers that anybody can send: use it for nothing
 * but the response to the same request.
 */
export function serverAddressOf({ headers }: Request): string {
  const host = headers.get('host') ?? ''
  if (!HOST.test(host)) return '/'
  const scheme = headers.get('x-forwarded-proto')?.toLowerCase() === 'https' ? 'https' : 'http'
  const prefix = headers.get('x-forwarded-prefix')?.replace(/\/+$/, '') ?? ''
  return `${scheme}://${host}${PREFIX.test(prefix) ? prefix : ''}`
}
