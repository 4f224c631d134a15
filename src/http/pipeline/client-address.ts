import { isInNetwork, type IpNetwork, parseIpAddress } from '../../base/addresses/ip-address.ts'

/** The address of the peer that opened the connection; undefined when the runtime cannot say it. */
export type PeerAddressOf = (request: Request) => string | undefined

const UNKNOWN_CLIENT = 'unknown'
/** A customer has at least a network of 64 bits, so counting single IPv6 addresses would limit nothing. */
const IPV6_PREFIX_BYTES = 8

/**
 * The address of the client: the peer, or the address that trusted proxies name in `x-forwarded-for`. Each proxy appends the address of its own peer, so the header is read
 * from the right, and the first address that is not a trusted proxy is the client. Addresses to the left of it may be forged.
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
    // The header of a trusted proxy is not an address: the proxy itself counts as the client.
    if (!parseIpAddress(address)) return client
    client = address
  }
  return client
}

/** The key that limits count a client under: an IPv4 address, or the IPv6 network of one customer. */
export function rateLimitKeyOf(client: string): string {
  const address = parseIpAddress(client)
  if (!address) return client
  return address.kind() === 'ipv4' ? address.toString() : address.toByteArray().slice(0, IPV6_PREFIX_BYTES).join('.')
}

/** Some proxies write `1.2.3.4:5678` or `[::1]:5678`. */
function withoutPort(text: string): string {
  const [, ipv6, ipv4] = /^\[([^\]]+)\](?::\d+)?$|^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text) ?? []
  return ipv6 ?? ipv4 ?? text
}
