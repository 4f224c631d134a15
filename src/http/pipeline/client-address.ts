import { type IpAddress, isInNetwork, type IpNetwork, parseIpAddress, maskToPrefix } from '../../base/ip-address.ts'

/** Who opened the connection, as the runtime knows it; undefined when it does not. */
export type PeerAddressOf = (request: Request) => string | undefined

const UNKNOWN_CLIENT = 'unknown'
/** One customer has at least so many leading bits of IPv6 in common: counting addresses one by one would count nothing. */
const IPV6_PREFIX_BITS = 64

/**
 * Whose request it is: the address that the connection comes from, unless that is a proxy we trust, which then says in `x-forwarded-for` who asked it. Read from the
 * right, as each proxy adds to the end: the first address that is no trusted proxy is the client. What stands before it, anyone may have written.
 */
export function clientAddressOf(
  request: Request,
  peer: string | undefined,
  trustedProxies: readonly IpNetwork[],
): string {
  if (peer === undefined) return UNKNOWN_CLIENT
  const isTrusted = (text: string) => {
    const address = parseIpAddress(text)
    return address !== undefined && trustedProxies.some((network) => isInNetwork(address, network))
  }
  let client = peer
  const forwarded = trustedProxies.length === 0 ? [] : (request.headers.get('x-forwarded-for') ?? '').split(',')
  for (const hop of forwarded.toReversed()) {
    if (!isTrusted(client)) return client
    const address = withoutPort(hop.trim())
    // A proxy of ours that says nothing we understand: as far as we know, it is the client.
    if (!parseIpAddress(address)) return client
    client = address
  }
  return client
}

/** What is counted together: an IPv4 address, or the network of one customer of IPv6. */
export function rateLimitKeyOf(client: string): string {
  const address = parseIpAddress(client)
  return address ? addressKeyOf(address) : client
}

function addressKeyOf(address: IpAddress): string {
  return `${address.version}/${address.version === 4 ? address.value : maskToPrefix(address, IPV6_PREFIX_BITS)}`
}

/** Some proxies write `1.2.3.4:5678` or `[::1]:5678`. */
function withoutPort(text: string): string {
  const [, ipv6, ipv4] = /^\[([^\]]+)\](?::\d+)?$|^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text) ?? []
  return ipv6 ?? ipv4 ?? text
}
