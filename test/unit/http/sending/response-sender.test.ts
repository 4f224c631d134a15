import { describe, expect, test } from 'bun:test'
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { ApiFailure, LimitFailure } from '../../../../src/base/errors.ts'
import { type Asset, createAsset } from '../../../../src/http/sending/assets.ts'
import { encodeUtf8, concatenated } from '../../../../src/http/sending/chunks.ts'
import type { Gzip } from '../../../../src/http/sending/content-encoding.ts'
import { ResponseSender } from '../../../../src/http/sending/response-sender.ts'
import { UnreadBytes } from '../../../../src/http/sending/unread-bytes.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { ManualClock, settled } from '../../../support/base/manual-clock.ts'

const MEBIBYTE = 1_048_576
const gzip: Gzip = (chunks) => Promise.resolve(new Uint8Array(gzipSync(concatenated(chunks))))

function open() {
  const clock = new ManualClock(0)
  const { unreadResponseBytes: unreadBytes } = createServiceMetrics()
  const sender = new ResponseSender({ clock, gzip, unread: new UnreadBytes(unreadBytes) })
  const asking = (headers: Record<string, string> = {}, method = 'GET') =>
    new Request('http://service/', { headers, method })
  const sendLarge = (tenantId: string, byteLength: number) =>
    sender.send(asking(), { chunks: [new Uint8Array(byteLength)], headers: {}, tenantId })
  return { clock, unreadBytes, sender, asking, sendLarge }
}

const accepting = { 'accept-encoding': 'br, gzip' }
const text = '0123456789'.repeat(2_000)

describe('a response', () => {
  test('is compressed if it is large and the client accepts that, and has a Vary header in both forms', async () => {
    const { sender, asking } = open()
    const compressed = await sender.sendText(asking(accepting), text, { 'content-type': 'text/plain' })
    expect(compressed.headers.get('content-encoding')).toBe('gzip')
    expect(gunzipSync(await compressed.arrayBuffer()).toString()).toBe(text)
    for (const headers of [{}, { 'accept-encoding': 'gzip;q=0, br' }, { 'accept-encoding': 'identity' }]) {
      const whole = await sender.sendText(asking(headers), text, { 'content-type': 'text/plain' })
      expect([whole.headers.get('content-encoding'), await whole.text()]).toEqual([null, text])
      expect([whole.headers.get('vary'), compressed.headers.get('vary')]).toEqual([
        'accept-encoding',
        'accept-encoding',
      ])
    }
  })

  test('that is small, compressed in itself, or has no body is not compressed', async () => {
    const { sender, asking } = open()
    const small = await sender.sendText(asking(accepting), 'small', {})
    const body = { chunks: [encodeUtf8(text)], headers: {} }
    const file = await sender.send(asking(accepting), { ...body, isCompressed: true })
    const head = await sender.send(asking(accepting, 'HEAD'), body)
    expect([small, file, head].map(({ headers }) => headers.get('content-encoding'))).toEqual([null, null, null])
    expect([await small.text(), await file.text(), head.body]).toEqual(['small', text, null])
  })

  test('that is large is sent in small chunks, each only when the client reads', async () => {
    const { sender, asking } = open()
    const bytes = crypto.getRandomValues(new Uint8Array(60_000))
    const chunks = [bytes, new Uint8Array(0), ...Array.from({ length: 9 }, () => bytes)]
    const response = await sender.send(asking(), { chunks, headers: {}, tenantId: 'a' })
    const pieces = await Array.fromAsync(response.body!)
    expect(Math.max(...pieces.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(32_768)
    expect(concatenated(pieces)).toEqual(concatenated(chunks))
  })

  test('that is not read is held up to a bound for each tenant, and for all', async () => {
    const { unreadBytes, sendLarge } = open()
    const held = [await sendLarge('a', 20 * MEBIBYTE), await sendLarge('a', 12 * MEBIBYTE)]
    expect(await sendLarge('a', MEBIBYTE).catch((error: unknown) => error)).toBeInstanceOf(LimitFailure)
    expect((await sendLarge('a', 1_000)).status).toBe(200)
    for (const tenant of ['b', 'c', 'd', 'e', 'f', 'g', 'h']) held.push(await sendLarge(tenant, 32 * MEBIBYTE))
    expect(unreadBytes.value()).toBe(256 * MEBIBYTE)
    const refused = await sendLarge('i', MEBIBYTE).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ApiFailure)
    expect(refused).toMatchObject({ code: 'UNAVAILABLE' })
    await Promise.all(held.map(({ body }) => body!.cancel()))
    expect(unreadBytes.value()).toBe(0)
    expect((await sendLarge('a', 100 * MEBIBYTE)).status).toBe(200)
  })

  test('releases its bytes when it was read, and when the client reads nothing for five minutes', async () => {
    const { clock, unreadBytes, sendLarge } = open()
    await (await sendLarge('a', MEBIBYTE)).arrayBuffer()
    expect([unreadBytes.value(), clock.timerCount]).toEqual([0, 0])
    const unread = await sendLarge('a', MEBIBYTE)
    await clock.advance(299_999)
    expect(unreadBytes.value()).toBe(MEBIBYTE)
    await clock.advance(1)
    await settled()
    expect([unreadBytes.value(), clock.timerCount]).toEqual([0, 0])
    expect(await unread.arrayBuffer().catch(String)).toContain('did not read')
  })
})

describe('an asset', () => {
  const identity = encodeUtf8(text)
  const asset: Asset = {
    type: 'text/plain',
    identity,
    br: new Uint8Array(brotliCompressSync(identity)),
    gzip: new Uint8Array(gzipSync(identity)),
    hash: 'abc',
  }

  test.each<[string, 'br' | 'gzip' | null]>([
    ['br, gzip', 'br'],
    ['gzip, deflate', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['', null],
  ])('for Accept-Encoding %j is sent as %j', async (accepted, encoding) => {
    const { sender, asking } = open()
    const response = sender.sendAsset(asking({ 'accept-encoding': accepted }), asset, { 'cache-control': 'no-cache' })
    const headers = ['content-encoding', 'etag', 'vary', 'cache-control'].map((name) => response.headers.get(name))
    expect(headers).toEqual([encoding, 'W/"abc"', 'accept-encoding', 'no-cache'])
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(asset[encoding ?? 'identity']!)
  })

  test('that the client has is not sent again, whatever its form was', () => {
    const { sender, asking } = open()
    const statusOf = (etag: string) =>
      sender.sendAsset(asking({ ...accepting, 'if-none-match': etag }), asset, {}).status
    expect(['W/"abc"', '"abc"', '"x", W/"abc"', '*', 'W/"abd"'].map(statusOf)).toEqual([304, 304, 304, 304, 200])
  })

  test('is sent as a whole, without a timer, where the provider holds what clients have not read', async () => {
    const clock = new ManualClock(0)
    const sender = new ResponseSender({ clock, gzip: undefined, unread: undefined })
    const large = await createAsset('text/plain', new Uint8Array(MEBIBYTE), undefined)
    const response = sender.sendAsset(new Request('http://service/'), large, {})
    expect(clock.timerCount).toBe(0)
    const pieces = await Array.fromAsync(response.body!)
    // The runtime may split it, but not into the chunks that are queued.
    expect(Math.max(...pieces.map(({ byteLength }) => byteLength))).toBeGreaterThan(32_768)
    expect(concatenated(pieces)).toEqual(large.identity)
  })

  test('is named by its contents', async () => {
    const [one, same, other] = await Promise.all(
      ['a', 'a', 'b'].map((each) => createAsset('text/plain', encodeUtf8(each), gzip)),
    )
    expect(one!.hash).toBe(same!.hash)
    expect(one!.hash).not.toBe(other!.hash)
  })
})
