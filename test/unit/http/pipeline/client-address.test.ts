import { describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { parseIpNetwork } from '../../../../src/base/addresses/ip-address.ts'
import { clientAddressOf, rateLimitKeyOf } from '../../../../src/http/pipeline/client-address.ts'

const TRUSTED = [parseIpNetwork('10.0.0.0/8')!, parseIpNetwork('fd00::/8')!]

function clientOf(forwarded: string | undefined, peer: string | undefined = '10.0.0.1', trusted = TRUSTED): string {
  const headers = forwarded === undefined ? undefined : { 'x-forwarded-for': forwarded }
  return clientAddressOf(new Request('http://any.host/', headers ? { headers } : {}), peer, trusted)
}

describe('the client of a request', () => {
  test('is the peer, whatever the value of the header, unless the peer is a trusted proxy', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.oneof(fc.ipV4(), fc.string({ unit: 'grapheme-ascii' })), (peer, said) => {
        expect(clientOf(said.trim(), peer, [])).toBe(peer)
        if (!peer.startsWith('10.')) expect(clientOf(said.trim(), peer)).toBe(peer)
      }),
    )
  })

  test('is the last address in the header that is not a trusted proxy; the addresses before it may be forged', () => {
    fc.assert(
      fc.property(fc.array(fc.ipV4(), { maxLength: 4 }), fc.nat(3), (forged, hops) => {
        const proxies = Array.from({ length: hops }, (_, index) => `10.0.1.${index}`)
        expect(clientOf([...forged, '203.0.113.7', ...proxies].join(', '))).toBe('203.0.113.7')
      }),
    )
  })

  test.each([
    ['203.0.113.7:4711', '203.0.113.7'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1,fd00::2', '2001:db8::1'],
    ['10.0.0.9', '10.0.0.9'],
    ['203.0.113.7, unknown', '10.0.0.1'],
    ['203.0.113.7,,10.0.0.2', '10.0.0.2'],
    ['', '10.0.0.1'],
  ])('is read from %j as %s', (said, client) => expect(clientOf(said)).toBe(client))

  test('is unknown when the runtime does not know the peer', () => {
    expect(clientAddressOf(new Request('http://any.host/'), undefined, TRUSTED)).toBe('unknown')
  })

  test('is counted by its IPv4 address, or by the first 64 bits of its IPv6 address', () => {
    expect(rateLimitKeyOf('2001:db8::1')).toBe(rateLimitKeyOf('2001:db8::ffff:0:0:1'))
    expect(rateLimitKeyOf('2001:db8::1')).not.toBe(rateLimitKeyOf('2001:db8:0:1::1'))
    expect(rateLimitKeyOf('::ffff:1.2.3.4')).toBe(rateLimitKeyOf('1.2.3.4'))
    expect(rateLimitKeyOf('1.2.3.4')).not.toBe(rateLimitKeyOf('1.2.3.5'))
  })
})
