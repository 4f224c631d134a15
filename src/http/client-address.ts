import { type Address, isWithin, type Network, parseAddress, prefixOf } from '../address.ts'

/** Who opened the connection, as the runtime knows it; undefined when it does not. */
export type PeerAddressOf = (request: Request) => string | undefined

const UNKNOWN = 'unknown'
/** One customer has at least so many leading bits of IPv6 in common: counting addresses one by one would count nothing. */
const CUSTOMER_BITS = 64

/**
 * Whose request it is: the address that the connection comes from, unless that is a proxy we trust, which then says in `x-forwarded-for` who asked it. Read from the
 * right, as each proxy adds to the end: the first address that is no trusted proxy is the client. What stands before it, anyone may have written.
 */
export function clientAddressOf(
  request: Request,
  peer: string | undefined,
  trustedProxies: readonly Network[],
): string {
  if (peer === undefined) return UNKNOWN
  const isTrusted = (text: string) => {
    const address = parseAddress(text)
    return address !== undefined && trustedProxies.some((network) => isWithin(address, network))
  }
  let client = peer
  const forwarded = trustedProxies.length === 0 ? [] : (request.headers.get('x-forwarded-for') ?? '').split(',')
  for (const hop of forwarded.toReversed()) {
    if (!isTrusted(client)) return client
    const address = withoutPort(hop.trim())
    // A proxy of ours that says nothing we understand: as far as we know, it is the client.
    if (!parseAddress(address)) return client
    client = address
  }
  return client
}

/** What is counted together: an IPv4 address, or the network of one customer of IPv6. */
export function countedAs(client: string): string {
  const address = parseAddress(client)
  return address ? keyOf(address) : client
}

function keyOf(address: Address): string {
  return `${address.version}/${address.version === 4 ? address.value : prefixOf(address, CUSTOMER_BITS)}`
}

/** Some proxies write `1.2.3.4:5678` or `[::1]:5678`. */
function withoutPort(text: string): string {
  const [, six, four] = /^\[([^\]]+)\](?::\d+)?$|^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text) ?? []
  return six ?? four ?? text
}
