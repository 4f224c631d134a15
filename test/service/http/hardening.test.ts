import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { type ServiceFixture, openServiceFixture } from '../../support/process/service-fixture.ts'
import { askRaw } from '../../support/http/raw-http.ts'
import { token } from '../../support/http/tokens.ts'
import { until } from '../../support/process/until.ts'

const ROOT = '/api/v1/analytics'

describe('the listener', () => {
  let fixture: ServiceFixture
  beforeAll(async () => {
    fixture = await openServiceFixture()
  }, 60_000)
  afterAll(() => fixture?.close(), 30_000)
  const service = () => fixture.service()
  const bearer = () => `Authorization: Bearer ${token(service().secret, { tenantId: 'tenant-1' })}`

  test.each([
    `${ROOT}/..%2f..%2fmetrics`,
    `${ROOT}/%2e%2e/%2e%2e/nothing`,
    `${ROOT}/overview%00`,
    `${ROOT}/overview/%00`,
    `${ROOT}/%00`,
    `${ROOT}//overview`,
    `//evil.example${ROOT}/overview`,
    `${ROOT}\\overview\\x`,
    '/..\\..\\etc\\passwd',
    '/docs/assets/..%2f..%2fpackage.json',
    '/docs/assets/%2e%2e%2fpackage.json',
    '/docs/assets/..\\package.json',
    '/docs/assets/%00',
    '/docs/assets/init.js%00',
    '/docs/assets/%zz',
    '/docs/assets/%ff',
    '/docs/assets/__proto__',
    '/docs/assets/constructor',
    `${ROOT}/%zz`,
    `${ROOT}/%ff%fe`,
    `${ROOT}/overview;x`,
    `${ROOT}/overview%3FtimeRange=1d`,
    `${ROOT}/constructor`,
    '/%u0000',
    `/${'a/'.repeat(2_000)}`,
    `${ROOT}/overview?${'x'.repeat(10_000)}`,
    `${ROOT}/overview?a=%zz`,
    `${ROOT}/overview?campaignId=%00`,
    '*',
    'nothing',
    `http://evil.example${ROOT}/nothing`,
  ])('%p is refused without details, with and without a token', async (target) => {
    for (const headers of [['Host: localhost'], ['Host: localhost', bearer()]]) {
      const { status, body } = await askRaw(service().port, `GET ${target} HTTP/1.1`, headers)
      expect([target, status]).toEqual([target, expect.any(Number)])
      expect([400, 401, 404]).toContain(status)
      expect(body).not.toContain('node_modules')
    }
    expect((await service().get('/health/live')).status).toBe(200)
  })

  test('control: the correct path gets 200', async () => {
    expect((await askRaw(service().port, `GET ${ROOT}/overview HTTP/1.1`, ['Host: localhost', bearer()])).status).toBe(
      200,
    )
    const longest = `${ROOT}/campaigns?campaignId=${encodeURIComponent('語'.repeat(1_024))}`
    expect((await askRaw(service().port, `GET ${longest} HTTP/1.1`, ['Host: localhost', bearer()])).status).toBe(200)
  })

  test('a malformed request line is refused by the runtime', async () => {
    for (const line of ['GET /\u0001 HTTP/1.1', 'GET  / HTTP/1.1', 'GET / HTTP/9.9', 'G@T / HTTP/1.1'])
      expect([400, 501, 505]).toContain((await askRaw(service().port, line, ['Host: localhost'])).status)
  })

  test('a head that is too large is refused, with one header or many', async () => {
    for (const lines of [
      [`X-Long: ${'a'.repeat(17_000)}`],
      Array.from({ length: 300 }, (_, index) => `X-${index}: a`),
    ]) {
      const { status } = await askRaw(service().port, `GET /health/live HTTP/1.1`, ['Host: localhost', ...lines])
      expect(status).toBe(431)
    }
  })

  test('a body without a length is refused', async () => {
    const chunked = ['Host: localhost', bearer(), 'Transfer-Encoding: chunked']
    const { status, body } = await askRaw(service().port, `POST ${ROOT}/overview HTTP/1.1`, chunked)
    expect([status, (JSON.parse(body) as { error: { code: string } }).error.code]).toEqual([400, 'VALIDATION_ERROR'])
  })

  test('the log shortens a long path and contains no query', async () => {
    await service().get(`/huge-${'x'.repeat(5_000)}?secret=canary-in-a-query`)
    await askRaw(service().port, 'GET /line%0Abreak%07bell HTTP/1.1', ['Host: localhost', bearer()])
    const isLogged = () => service().log().includes('/line%0Abreak')
    await until(isLogged, 10_000, 'the requests to be logged')
    const lines = service().log().split('\n')
    const [huge = ''] = lines.filter((line) => line.includes('/huge-'))
    expect(huge.length).toBeWithin(100, 600)
    expect(service().log().includes('canary-in-a-query')).toBe(false)
    // oxlint-disable-next-line no-control-regex -- They are what is looked for.
    expect(lines.filter((line) => /[\u0000-\u001f\u007f]/.test(line))).toEqual([])
  })

  test('two Authorization headers are refused even when both are good', async () => {
    const two = [bearer(), `Authorization: Bearer ${token(service().secret, { tenantId: 'tenant-2' })}`]
    const { status } = await askRaw(service().port, `GET ${ROOT}/overview HTTP/1.1`, ['Host: localhost', ...two])
    expect(status).toBe(401)
  })

  test('a token of 100 kilobytes is refused by the runtime before it is read', async () => {
    const claims = { tenantId: 'tenant-1', sub: 'x'.repeat(75_000) }
    const long = `Authorization: Bearer ${token(service().secret, claims)}`
    const answer = await askRaw(service().port, `GET ${ROOT}/overview HTTP/1.1`, ['Host: localhost', long])
    expect([answer.status, answer.body]).toEqual([431, ''])
  })

  /** Sends `head` at once and then one character every tenth of a second; returns the response when the connection is closed. */
  const trickle = (head: string) =>
    new Promise<string>((resolve) => {
      let received = ''
      const socket = connect(service().port, '127.0.0.1', () => void socket.write(head))
      const timer = setInterval(() => socket.write('a'), 100)
      socket.setEncoding('utf8').on('data', (chunk) => (received += String(chunk)))
      socket.on('error', () => {})
      socket.once('close', () => {
        clearInterval(timer)
        resolve(received)
      })
    })

  test('a client that sends its head or its body too slowly is disconnected, though bytes keep arriving', async () => {
    const [head, body] = await Promise.all([
      trickle('GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: '),
      trickle(`POST ${ROOT}/overview HTTP/1.1\r\nHost: localhost\r\n${bearer()}\r\nContent-Length: 100000\r\n\r\n`),
    ])
    expect(head).toBe('')
    expect(body).toStartWith('HTTP/1.1 405')
    expect((await service().get('/health/live')).status).toBe(200)
  }, 60_000)
})
