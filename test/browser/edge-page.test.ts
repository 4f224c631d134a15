/** The page on the edge: the provider serves its static files, and the handler in the edge runtime answers everything else. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeStaticPage } from '../../src/cli/static-page.ts'
import { publish } from '../support/broker/nats-server.ts'
import { startClickHouseFront } from '../support/clickhouse-front/start.ts'
import { openServiceFixture, type ServiceFixture, untilSettled } from '../support/process/service-fixture.ts'
import { type Browser, openBrowser } from '../support/runtimes/chromium.ts'
import { type EdgeWorker, startEdgeWorker } from '../support/runtimes/edge-worker.ts'
import { token } from '../support/http/tokens.ts'
import { messageEvents } from './fixture/dashboard-fixture.ts'
import { untilShown } from './fixture/page-reading.ts'

const WAIT_MS = 20_000
const site = mkdtempSync(join(tmpdir(), 'outreach-site-'))
let fixture: ServiceFixture
let worker: EdgeWorker
let browser: Browser
let provider: ReturnType<typeof serveFiles>

beforeAll(async () => {
  const { url, stop } = await startClickHouseFront()
  const startStore = () => Promise.resolve({ env: { CLICKHOUSE_URL: url }, stop: async () => void (await stop()) })
  fixture = await openServiceFixture({ startStore })
  worker = await startEdgeWorker({ CLICKHOUSE_URL: url, JWT_SECRET: fixture.service().secret })
  writeStaticPage(site)
  provider = serveFiles(worker.baseUrl)
  browser = await openBrowser()
}, 90_000)
afterAll(async () => {
  await browser?.close()
  await provider?.stop(true)
  await worker?.stop()
  await fixture?.close()
  rmSync(site, { recursive: true })
}, 30_000)

/** As the provider does: a GET of a file, by its name without `.html` or of a folder by its index, is answered with the file and the headers of `_headers`. */
function serveFiles(target: string) {
  const rules = readFileSync(join(site, '_headers'), 'utf8')
    .split(/\n(?=\/)/)
    .map((rule) => rule.trim().split('\n'))
  const headersOf = (path: string) => {
    const lines = rules.find(
      ([pattern]) => pattern === path || (pattern!.endsWith('*') && path.startsWith(pattern!.slice(0, -1))),
    )
    return new Headers(lines?.slice(1).map((line) => line.trim().split(': ') as [string, string]))
  }
  return Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    fetch(request) {
      const { pathname, search } = new URL(request.url)
      const candidates = [pathname, `${pathname}.html`, `${pathname}index.html`].map((path) => join(site, path))
      const file = candidates.find((path) => existsSync(path) && statSync(path).isFile())
      if (request.method === 'GET' && file !== undefined)
        return new Response(Bun.file(file), { headers: headersOf(pathname) })
      return fetch(new Request(target + pathname + search, request), { decompress: false })
    },
  })
}

test('signs in with a token, shows numbers and follows the stream', async () => {
  const send = async (id: string) => {
    await publish(fixture.nats.url, messageEvents(id, Date.now(), 1, { channel: 'email' }))
    await untilSettled(fixture.nats.url)
  }
  await send('before')
  const page = await browser.context.newPage()
  page.setDefaultTimeout(WAIT_MS)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(`http://127.0.0.1:${provider.port}/dashboard?view=overview&range=7d&zone=UTC`)
  await page.getByLabel('Token or API key').fill(token(fixture.service().secret, { tenantId: 'tenant-1' }))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('[data-live=live]').waitFor()
  await untilShown(page, 'Sent', 1)
  await send('after')
  await untilShown(page, 'Sent', 2)
  expect(errors).toEqual([])
}, 60_000)
