import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { type ServiceFixture, openServiceFixture } from '../../support/process/service-fixture.ts'
import { token } from '../../support/http/tokens.ts'
import { until } from '../../support/process/until.ts'

const MEBIBYTE = 1_048_576
/** Far more than the operating system buffers per connection, and less than the default of the runtime. */
const PINGS_BYTES = 14 * MEBIBYTE

/** Frames of RFC 6455: a ping of 125 bytes, masked by zeros. */
function pings(byteLength: number): Uint8Array {
  const frame = new Uint8Array(6 + 125).fill(65)
  frame.set([0x89, 0x80 | 125, 0, 0, 0, 0])
  return Buffer.concat(Array.from({ length: Math.ceil(byteLength / frame.length) }, () => frame))
}

describe('a WebSocket whose client does not read', () => {
  let fixture: ServiceFixture
  const sockets: Socket[] = []
  beforeAll(async () => {
    fixture = await openServiceFixture()
  }, 60_000)
  afterAll(async () => {
    for (const socket of sockets) socket.destroy()
    await fixture?.close()
  }, 30_000)

  /** Opens a stream; resolves with its socket when the head of the response has arrived. */
  const open = () =>
    new Promise<Socket>((resolve, reject) => {
      const { port, secret } = fixture.service()
      const head = [
        'GET /api/v1/analytics/live/ws HTTP/1.1',
        'Host: localhost',
        `Authorization: Bearer ${token(secret, { tenantId: 'a' })}`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        '',
        '',
      ]
      const socket = connect(port, '127.0.0.1', () => socket.write(head.join('\r\n')))
      sockets.push(socket)
      socket.once('data', () => resolve(socket))
      socket.once('error', reject)
    })
  const clients = async () => /^analytics_live_clients (\d+)/m.exec((await fixture.service().get('/metrics')).text)?.[1]

  test('is disconnected when it keeps sending pings', async () => {
    const socket = await open()
    expect(await clients()).toBe('1')
    socket.pause()
    socket.on('error', () => {})
    socket.write(pings(PINGS_BYTES))
    await until(async () => (await clients()) === '0', 30_000, 'the client to be cut off')
    expect(await clients()).toBe('0')
  }, 60_000)

  test('control: a client that reads the answers may send as many pings', async () => {
    const socket = await open()
    const piece = pings(65_536)
    // A pong has no mask, which would be four bytes.
    const pongBytes = (piece.length / 131) * 127
    for (let sent = 0; sent < PINGS_BYTES; sent += piece.length) {
      const answered = new Promise<void>((resolve) => {
        let received = 0
        const take = (bytes: Uint8Array) => {
          received += bytes.length
          if (received < pongBytes) return
          socket.off('data', take)
          resolve()
        }
        socket.on('data', take)
      })
      socket.write(piece)
      await answered
    }
    expect(await clients()).toBe('1')
  }, 60_000)
})
