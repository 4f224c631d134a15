/** The API behind the documented nginx: TLS ends there, and it adds a path prefix. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Message, publish } from '../../support/broker/nats-server.ts'
import { parseCsv } from '../../support/http/csv.ts'
import { askForFile } from '../../support/http/file-request.ts'
import { type Nginx, NGINX_PREFIX, startNginx } from '../../support/http/nginx.ts'
import { readWorkbook } from '../../support/http/xlsx.ts'
import { askTicket, type OpenStream, openSocket, openStream } from '../../support/live/live-stream.ts'
import { freePort } from '../../support/process/ports.ts'
import { openServiceFixture, type ServiceFixture, untilSettled } from '../../support/process/service-fixture.ts'
import type { Api } from '../../support/process/service.ts'
import { until } from '../../support/process/until.ts'

const WAIT_MS = 20_000
const TENANT = 'tenant-1'
/** Operators compress what they can; a stream must not wait for a full block of the compressor. */
const COMPRESSION = 'gzip on; gzip_types *; gzip_proxied any;'

let made = 0
const sentMessages = (count: number) =>
  Array.from({ length: count }, (): Message => {
    const data = { messageId: `m-${made}`, channel: 'email' }
    return ['pipeline.message.sent', { eventId: `e-${made++}`, tenantId: TENANT, timestamp: Date.now(), data }]
  })

describe('a service with PUBLIC_URL behind nginx', () => {
  let fixture: ServiceFixture
  let nginx: Nginx
  let api: Api
  beforeAll(async () => {
    const port = await freePort()
    const publicUrl = `https://127.0.0.1:${port}${NGINX_PREFIX}`
    fixture = await openServiceFixture({ env: { PUBLIC_URL: publicUrl, JWT_SECRET: '' } })
    const { port: targetPort, dataDir } = fixture.service()
    nginx = await startNginx({ targetPort, port, httpLines: COMPRESSION })
    const secret = readFileSync(join(dataDir, 'development-secret'), 'utf8')
    api = { baseUrl: nginx.baseUrl, secret, fetch: nginx.fetch }
    await publish(fixture.nats.url, sentMessages(3))
    await untilSettled(fixture.nats.url)
  }, 90_000)
  afterAll(async () => {
    await nginx?.stop()
    await fixture?.close()
  }, 30_000)

  const link = () => readFileSync(join(fixture.service().dataDir, 'dashboard-link'), 'utf8').trim()
  const untilSent = (viewer: { count(type: string): number }, count: number) =>
    until(() => viewer.count('message_sent') === count, WAIT_MS, `the stream to show ${count} sent messages`)

  test('prints a sign-in link below PUBLIC_URL, which signs in once through the proxy', async () => {
    const first = new URL(link())
    expect(first.href).toStartWith(`${nginx.baseUrl}/dashboard#code=`)
    const log = fixture.service().log()
    expect(log).toContain(`Dashboards  ${first.href}\n`)
    expect(log).toContain(`Docs        ${nginx.baseUrl}/docs\n`)
    expect(log).toContain(`Listens on  http://127.0.0.1:${fixture.service().port}\n`)
    expect(log).toContain(` ${nginx.baseUrl}/api/v1/analytics/overview\n`)
    const page = await nginx.fetch(first.href)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<html')])
    const signIn = (code: string) =>
      nginx.fetch(`${nginx.baseUrl}/dashboard/session`, { method: 'POST', headers: { 'x-sign-in-code': code } })
    const code = first.hash.slice('#code='.length)
    expect((await signIn(`${code}x`)).status).toBe(404)
    const signedIn = await signIn(code)
    expect([signedIn.status, await signedIn.json()]).toEqual([
      200,
      expect.objectContaining({ data: expect.objectContaining({ tenantId: TENANT }) }),
    ])
    expect((await signIn(code)).status).toBe(404)
    expect(link()).toStartWith(`${nginx.baseUrl}/dashboard#code=`)
    expect(link()).not.toBe(first.href)
  })

  test.each(['through the proxy', 'directly'])('names addresses below PUBLIC_URL, asked %s', async (way) => {
    const baseUrl = way === 'directly' ? fixture.service().baseUrl : nginx.baseUrl
    const index = (await (await nginx.fetch(`${baseUrl}/`)).json()) as { data: Record<string, string | object> }
    const { name, ...places } = index.data
    expect(name).toBe('Outreach Analytics')
    const addresses = Object.values(places).flatMap((place) =>
      typeof place === 'string' ? place : Object.values(place),
    )
    expect(addresses.length).toBeGreaterThanOrEqual(7)
    expect(addresses.filter((address) => !address.startsWith(`${nginx.baseUrl}/`))).toEqual([])
    const document = (await (await nginx.fetch(`${baseUrl}/docs/json`)).json()) as { servers: object[] }
    expect(document.servers).toEqual([{ url: nginx.baseUrl }])
    for (const address of addresses)
      expect([address, (await nginx.fetch(address)).status]).toEqual([
        address,
        // Metrics are not for the outside; the dashboards of the index are the page.
        address.endsWith('/metrics') ? 404 : 200,
      ])
  })

  test.each(['/', ''])('redirects a browser from the prefix%s to the page', async (slash) => {
    const page = await nginx.fetch(nginx.baseUrl + slash, { headers: { accept: 'text/html' } })
    expect([page.status, page.url]).toEqual([200, `${nginx.baseUrl}/dashboard`])
  })

  test('passes on each message of the stream at once, also compressed, and over a WebSocket', async () => {
    const stream = await openStream(api)
    expect([stream.status, stream.headers.get('content-encoding')]).toEqual([200, 'gzip'])
    const plain = await openStream(api, { headers: { 'accept-encoding': 'identity' } })
    expect([plain.status, plain.headers.get('content-encoding')]).toEqual([200, null])
    const query = `?ticket=${await askTicket(api)}`
    const socket = await openSocket(nginx, query, undefined, { tls: nginx.tls })
    const viewers = [stream.viewer, plain.viewer, socket.viewer]
    for (let sent = 3; sent < 6; sent++) {
      for (const viewer of viewers) await untilSent(viewer, sent)
      // A single event is far smaller than any buffer: it shows only if nothing waits for more.
      await publish(fixture.nats.url, sentMessages(1))
    }
    for (const viewer of viewers) await untilSent(viewer, 6)
    expect(viewers.flatMap(({ resyncs }) => resyncs)).toEqual([])
    for (const each of [stream, plain, socket]) each.close()
  }, 60_000)

  test('control: an nginx that ignores X-Accel-Buffering passes on no message of an open stream', async () => {
    const { port: targetPort } = fixture.service()
    const buffering = await startNginx({ targetPort, httpLines: 'proxy_ignore_headers X-Accel-Buffering;' })
    try {
      let buffered: OpenStream | undefined
      // Its connection ends with the proxy.
      void openStream({ ...api, baseUrl: buffering.baseUrl, fetch: buffering.fetch }).then(
        (opened) => void (buffered = opened),
        () => {},
      )
      const stream = await openStream(api)
      await publish(fixture.nats.url, sentMessages(1))
      await untilSent(stream.viewer, made)
      stream.close()
      expect(buffered?.viewer.told ?? []).toEqual([])
    } finally {
      await buffering.stop()
    }
  })

  test('exports files', async () => {
    const claims = { tenantId: TENANT }
    const csv = await askForFile(api, '/messages?timeRange=7d&format=csv', {}, claims)
    const [header = [], ...rows] = parseCsv(csv.text)
    expect([csv.status, csv.headers.get('content-disposition')]).toEqual([200, expect.stringContaining('.csv')])
    const sent = rows.map((row) => Number(row[header.indexOf('sent')]))
    expect(sent.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(3)
    const workbook = await askForFile(api, '/messages?timeRange=7d&format=xlsx', {}, claims)
    expect(workbook.status).toBe(200)
    expect(readWorkbook(workbook.bytes).map(({ name }) => name)).toContain('timeSeries')
  })
})
