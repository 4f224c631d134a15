const addresses = new WeakMap<Request, string>()

/** Notes where a request came from, which only the runtime knows: no header can be trusted with it. Returns the request. */
export function withClientAddress(request: Request, address: string | undefined): Request {
  if (address !== undefined) addresses.set(request, address)
  return request
}

/** The address of whoever holds the other end of the connection, or undefined when nobody noted it. */
export function clientAddressOf(request: Request): string | undefined {
  return addresses.get(request)
}
