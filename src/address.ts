/** An address of the internet, as the number it is. */
export interface Address {
  readonly version: 4 | 6
  readonly value: bigint
}

/** All addresses that begin with the same bits. */
export interface Network {
  readonly address: Address
  readonly prefixLength: number
}

const WIDTH = { 4: 32, 6: 128 } as const
const MAPPED_PREFIX = 0xffffn

/**
 * Reads an address in the usual spellings, strictly: no zone, no port, no octal. An IPv4 address within IPv6 (`::ffff:1.2.3.4`) is the IPv4 address. Undefined when it
 * is none.
 */
export function parseAddress(text: string): Address | undefined {
  const four = parseFour(text)
  if (four !== undefined) return { version: 4, value: four }
  const six = parseSix(text)
  if (six === undefined) return undefined
  return six >> 32n === MAPPED_PREFIX ? { version: 4, value: six & 0xffff_ffffn } : { version: 6, value: six }
}

/** Reads `10.0.0.0/8`, `fd00::/8`, or an address alone, which is a network of one. Undefined when it is none, or when bits behind the prefix are set: then one of the two is a mistake. */
export function parseNetwork(text: string): Network | undefined {
  const [, addressText = '', lengthText] = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? []
  const address = parseAddress(addressText)
  if (!address) return undefined
  const width = WIDTH[address.version]
  const prefixLength = lengthText === undefined ? width : Number(lengthText)
  if (prefixLength > width || address.value !== prefixOf(address, prefixLength)) return undefined
  return { address, prefixLength }
}

export function isWithin(address: Address, { address: { version, value }, prefixLength }: Network): boolean {
  return address.version === version && prefixOf(address, prefixLength) === value
}

/** The address with every bit behind its first `length` cleared. */
export function prefixOf({ version, value }: Address, length: number): bigint {
  const behind = BigInt(WIDTH[version] - length)
  return (value >> behind) << behind
}

function parseFour(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return value
}

function parseSix(text: string): bigint | undefined {
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const before = groupsOf(head, tail === undefined)
  const after = tail === undefined ? [] : groupsOf(tail, true)
  if (!before || !after) return undefined
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  let value = 0n
  for (const group of [...before, ...Array.from({ length: missing }, () => 0n), ...after])
    value = (value << 16n) | group
  return value
}

/** The groups of 16 bits between colons; the last two of an address may be spelled as IPv4. */
function groupsOf(text: string, isEnd: boolean): bigint[] | undefined {
  if (text === '') return []
  const groups: bigint[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const four = isEnd && index === parts.length - 1 ? parseFour(part) : undefined
    if (four !== undefined) groups.push(four >> 16n, four & 0xffffn)
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`))
    else return undefined
  }
  return groups
}

/** An origin as browsers spell it; undefined for anything else. */
export function originOf(text: string): string | undefined {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text ? text : undefined
}

/** The address under which people reach a service, without a slash at its end; undefined when it has more than an origin and a path. */
export function publicAddressOf({ origin, pathname, username, password, search, hash }: URL): string | undefined {
  return `${username}${password}${search}${hash}` === '' ? origin + pathname.replace(/\/+$/, '') : undefined
}
