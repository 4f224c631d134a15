import { describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import ipaddr from 'ipaddr.js'
import {
  type IpAddress,
  isInNetwork,
  parseIpAddress,
  parseIpNetwork,
} from '../../../../src/base/addresses/ip-address.ts'

const four = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
const six = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
const fourText = (bytes: readonly number[]) => bytes.join('.')
const sixText = (groups: readonly number[]) => groups.map((group) => group.toString(16)).join(':')
const bitsOf = (of: IpAddress) =>
  of
    .toByteArray()
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
/** The address with every bit after its first `length` cleared. */
const masked = (of: IpAddress, length: number) =>
  ipaddr.fromByteArray(
    of.toByteArray().map((byte, index) => byte & ~(0xff >> Math.min(8, Math.max(0, length - index * 8)))),
  )
const address = fc.oneof(four.map(fourText), six.map(sixText))

describe('an address', () => {
  test('of IPv4 is its four bytes', () => {
    fc.assert(
      fc.property(four, (bytes) => {
        expect(parseIpAddress(fourText(bytes))?.toByteArray()).toEqual(bytes)
        expect(parseIpAddress(`::ffff:${fourText(bytes)}`)?.toByteArray()).toEqual(bytes)
      }),
    )
  })

  test('of IPv6 is its eight groups, with or without the zeros', () => {
    fc.assert(
      fc.property(six, fc.nat(7), fc.integer({ min: 1, max: 8 }), (groups, from, count) => {
        const zeroed = groups.map((group, index) => (index >= from && index < from + count ? 0 : group))
        const bytes = zeroed.flatMap((group) => [group >> 8, group & 0xff])
        const short = `${sixText(zeroed.slice(0, from))}::${sixText(zeroed.slice(from + count))}`
        const isMapped = zeroed.slice(0, 5).every((group) => group === 0) && zeroed[5] === 0xffff
        const expected = isMapped ? bytes.slice(12) : bytes
        for (const text of [sixText(zeroed), sixText(zeroed).toUpperCase(), short])
          expect([text, parseIpAddress(text)?.toByteArray()]).toEqual([text, expected])
      }),
    )
  })

  test('is the same as the URL standard reads it', () => {
    fc.assert(
      fc.property(
        fc.ipV6().filter((text) => !text.includes('.')),
        (text) => {
          const { hostname } = new URL(`http://[${text}]/`)
          expect(parseIpAddress(text)?.toByteArray()).toEqual(parseIpAddress(hostname.slice(1, -1))?.toByteArray())
        },
      ),
    )
  })

  test.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4 ',
    '1.2.3.-4',
    '0x1.2.3.4',
    '1.2.3.4:80',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '[::1]',
    '1.2.3.4::',
    '::1.2.3',
    'unknown',
    'localhost',
  ])('%j is not an address', (text) => {
    expect(parseIpAddress(text)).toBeUndefined()
    expect(parseIpNetwork(text)).toBeUndefined()
  })
})

describe('a network', () => {
  test('contains exactly the addresses that begin with its bits', () => {
    fc.assert(
      fc.property(address, address, fc.nat(128), (base, other, bits) => {
        const [a, b] = [parseIpAddress(base)!, parseIpAddress(other)!]
        const length = Math.min(bits, a.kind() === 'ipv4' ? 32 : 128)
        const network = { address: masked(a, length), prefixLength: length }
        const begins = a.kind() === b.kind() && bitsOf(a).slice(0, length) === bitsOf(b).slice(0, length)
        expect(isInNetwork(b, network)).toBe(begins)
        expect(isInNetwork(a, network)).toBe(true)
      }),
    )
  })

  test('is read with its prefix length, or as one address', () => {
    const within = (text: string, network: string) => isInNetwork(parseIpAddress(text)!, parseIpNetwork(network)!)
    expect(within('10.255.0.1', '10.0.0.0/8')).toBe(true)
    expect(within('11.0.0.0', '10.0.0.0/8')).toBe(false)
    expect(within('::ffff:10.1.2.3', '10.0.0.0/8')).toBe(true)
    expect(within('1.2.3.4', '0.0.0.0/0')).toBe(true)
    expect(within('::1', '0.0.0.0/0')).toBe(false)
    expect(within('fd12::9', 'fd00::/8')).toBe(true)
    expect(within('1.2.3.4', '1.2.3.4')).toBe(true)
    expect(within('1.2.3.5', '1.2.3.4')).toBe(false)
  })

  test.each([
    '10.0.0.1/8',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '/8',
    '10.0.0.0/8/8',
    'fd00::1/8',
    '*',
  ])('%s is not a network', (text) => expect(parseIpNetwork(text)).toBeUndefined())
})
