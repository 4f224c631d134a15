/** An address of the internet, as the number it is. */
export interface IpAddress {
  readonly version: 4 | 6
  readonly value: bigint
}

/** All addresses that begin with the same bits. */
export interface IpNetwork {
  readonly address: IpAddress
  readonly prefixLength: number
}

const ADDRESS_BITS = { 4: 32, 6: 128 } as const
const IPV4_MAPPED_PREFIX = 0xffffn

/**
 * Reads an address in the usual spellings, strictly: no zone, no port, no octal. An IPv4 address within IPv6 (`::ffff:1.2.3.4`) is the IPv4 address. Undefined when it
 * is none.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const ipv4 = parseIpv4(text)
  if (ipv4 !== undefined) return { version: 4, value: ipv4 }
  const ipv6 = parseIpv6(text)
  if (ipv6 === undefined) return undefined
  return ipv6 >> 32n === IPV4_MAPPED_PREFIX ? { version: 4, value: ipv6 & 0xffff_ffffn } : { version: 6, value: ipv6 }
}

/** Reads `10.0.0.0/8`, `fd00::/8`, or an address alone, which is a network of one. Undefined when it is none, or when bits behind the prefix are set: then one of the two is a mistake. */
export function parseIpNetwork(text: string): IpNetwork | undefined {
  const [, addressText = '', lengthText] = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? []
  const address = parseIpAddress(addressText)
  if (!address) return undefined
  const width = ADDRESS_BITS[address.version]
  const prefixLength = lengthText === undefined ? width : Number(lengthText)
  if (prefixLength > width || address.value !== maskToPrefix(address, prefixLength)) return undefined
  return { address, prefixLength }
}

export function isInNetwork(address: IpAddress, { address: { version, value }, prefixLength }: IpNetwork): boolean {
  return address.version === version && maskToPrefix(address, prefixLength) === value
}

/** The address with every bit behind its first `length` cleared. */
export function maskToPrefix({ version, value }: IpAddress, length: number): bigint {
  const behind = BigInt(ADDRESS_BITS[version] - length)
  return (value >> behind) << behind
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return value
}

function parseIpv6(text: string): bigint | undefined {
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const before = parseIpv6Groups(head, tail === undefined)
  const after = tail === undefined ? [] : parseIpv6Groups(tail, true)
  if (!before || !after) return undefined
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  let value = 0n
  for (const group of [...before, ...Array.from({ length: missing }, () => 0n), ...after])
    value = (value << 16n) | group
  return value
}

/** The groups of 16 bits between colons; the last two of an address may be spelled as IPv4. */
function parseIpv6Groups(text: string, isEnd: boolean): bigint[] | undefined {
  if (text === '') return []
  const groups: bigint[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const ipv4 = isEnd && index === parts.length - 1 ? parseIpv4(part) : undefined
    if (ipv4 !== undefined) groups.push(ipv4 >> 16n, ipv4 & 0xffffn)
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`))
    else return undefined
  }
  return groups
}

/** An origin as browsers spell it; undefined for anything else. */
export function parseOrigin(text: string): string | undefined {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text ? text : undefined
}

/** The address under which people reach a service, without a slash at its end; undefined when it has more than an origin and a path. */
export function publicUrlOf({ origin, pathname, username, password, search, hash }: URL): string | undefined {
  return `${username}${password}${search}${hash}` === '' ? origin + pathname.replace(/\/+$/, '') : undefined
}
