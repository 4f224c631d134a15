import ipaddr from 'ipaddr.js'

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6

/** All addresses that begin with the same bits as `address`. */
export interface IpNetwork {
  readonly address: IpAddress
  readonly prefixLength: number
}

const ADDRESS_BITS = { ipv4: 32, ipv6: 128 } as const
/** The library also reads a zone (`fe80::1%eth0`) and the deprecated IPv6 forms that end in IPv4 (`::1.2.3.4`), which only a mapped address may have. */
const IPV6_TEXT = /^[0-9a-f:]+(?:\d+\.\d+\.\d+\.\d+)?$/i

/**
 * Parses an address strictly: without zone, port or octal numbers. An IPv4 address mapped to IPv6 (`::ffff:1.2.3.4`) is the IPv4 address. Undefined when the text is not an
 * address.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  if (!IPV6_TEXT.test(text) || !ipaddr.IPv6.isValid(text)) return undefined
  const address = ipaddr.IPv6.parse(text)
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

/**
 * Parses a network such as `10.0.0.0/8` or `fd00::/8`, or an address alone, which is a network of one address. Undefined when the text is neither, and when bits after the
 * prefix are set: one of the two is a mistake then.
 */
export function parseIpNetwork(text: string): IpNetwork | undefined {
  const [, addressText = '', lengthText] = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? []
  const address = parseIpAddress(addressText)
  if (!address) return undefined
  const width = ADDRESS_BITS[address.kind()]
  const prefixLength = lengthText === undefined ? width : Number(lengthText)
  if (prefixLength > width || hasBitsAfter(address, prefixLength)) return undefined
  return { address, prefixLength }
}

export function isInNetwork(address: IpAddress, { address: network, prefixLength }: IpNetwork): boolean {
  // The library compares addresses of the same kind only.
  return address.kind() === network.kind() && address.match(network, prefixLength)
}

function hasBitsAfter(address: IpAddress, prefixLength: number): boolean {
  return address
    .toByteArray()
    .some((byte, index) => (byte & (0xff >> Math.min(8, Math.max(0, prefixLength - index * 8)))) !== 0)
}

/** The addresses of IPv6 that are given to machines of the internet. */
const GLOBAL_UNICAST = { address: ipaddr.IPv6.parse('2000::'), prefixLength: 3 }

/** Whether the address can be reached over the internet: it is not of a private network or of this machine, nor reserved for anything else, nor one that a gateway translates. */
export function isPublicAddress(address: IpAddress): boolean {
  return address.range() === 'unicast' && (address.kind() === 'ipv4' || isInNetwork(address, GLOBAL_UNICAST))
}
