import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { type Message, publish } from '../support/broker/nats-server.ts'
import { type Claims, token } from '../support/http/tokens.ts'
import { openServiceFixture, type ServiceFixture, untilSettled } from '../support/process/service-fixture.ts'
import { until } from '../support/process/until.ts'
import { openBrowser } from '../support/runtimes/chromium.ts'
import { sampleHistory } from './sample-history.ts'

const ROOT = '/api/v1/analytics'
const PAGE_TIMEOUT_MS = 30_000

/** A page and its recorded errors. */
export interface WatchedPage {
  readonly page: Page
  /** Requested addresses of other hosts. */
  readonly elsewhere: string[]
  /** Console errors, script errors and violations of the content security policy. */
  readonly complaints: string[]
}

/** The service with the development secret and stored events, and a browser on the same machine. */
export interface DashboardFixture {
  /** The broker and the service. */
  readonly services: ServiceFixture
  readonly baseUrl: string
  tokenFor(claims: Claims): string
  /** The data of a dashboard over REST, for `tenant-1` by default. */
  rest(query: string, tenantId?: string): Promise<any>
  /** A file of a dashboard for `tenant-1` over REST. */
  file(query: string): Promise<Uint8Array>
  /** Publishes events; resolves when the messages of the tenant are counted. */
  send(messages: readonly Message[], tenantId?: string): Promise<void>
  /** Opens a path of the service, or of a proxy in front of it, signed in with the current link. */
  openPage(path: string, baseUrl?: string): Promise<WatchedPage>
  /** The same without signing in. */
  openSignedOut(path: string, baseUrl?: string): Promise<WatchedPage>
  /** Opens a path signed in with a token, as if it had been pasted; with options, in a context of its own. */
  openAs(claims: Claims, path: string, options?: BrowserContextOptions): Promise<WatchedPage>
  /** The current sign-in link. */
  link(): string
  close(): Promise<void>
}

/** `env` has further variables of the service. */
export async function openDashboardFixture(env: Readonly<Record<string, string>> = {}): Promise<DashboardFixture> {
  const [services, browser] = await Promise.all([
    openServiceFixture({ env: { JWT_SECRET: '', ...env } }),
    openBrowser(),
  ])
  const { dataDir, baseUrl } = services.service()
  const secret = readFileSync(join(dataDir, 'development-secret'), 'utf8')
  const tokenFor = (claims: Claims) => token(secret, claims)
  const headersOf = (tenantId: string) => ({ authorization: `Bearer ${tokenFor({ tenantId })}` })
  const rest = async (query: string, tenantId = 'tenant-1') => {
    const { status, body, text } = await services.service().get(`${ROOT}/${query}`, headersOf(tenantId))
    if (status !== 200) throw new Error(text)
    return body!.data as any
  }
  const send = async (messages: readonly Message[], tenantId = 'tenant-1') => {
    const count = async () => (await rest('messages?timeRange=90d', tenantId)).summary.sent as number
    const before = await count()
    const sent = messages.filter(([subject]) => subject === 'pipeline.message.sent').length
    await publish(services.nats.url, messages)
    await untilSettled(services.nats.url)
    await until(async () => (await count()) === before + sent, 20_000, 'the events to be counted')
  }
  const link = () => readFileSync(join(dataDir, 'dashboard-link'), 'utf8').trim()
  const openSignedOut = async (path: string, origin = baseUrl) => {
    const watched = await watch(await browser.context.newPage(), origin)
    await watched.page.goto(origin + path)
    return watched
  }
  await send(sampleHistory(Date.now()))
  return {
    services,
    baseUrl,
    tokenFor,
    rest,
    async file(query) {
      const response = await fetch(`${baseUrl}${ROOT}/${query}`, { headers: headersOf('tenant-1') })
      if (!response.ok) throw new Error(await response.text())
      return response.bytes()
    },
    send,
    openPage: (path, origin) => openSignedOut(path + new URL(link()).hash, origin),
    openSignedOut,
    async openAs(claims, path, options) {
      const context = options ? await browser.newContext(options) : browser.context
      const watched = await watch(await context.newPage(), baseUrl)
      // The session exists once, before the first start of the page: later starts find what the page has stored.
      await watched.page.addInitScript(
        (session) => {
          if (sessionStorage.getItem('is-prepared') !== null) return
          sessionStorage.setItem('is-prepared', '')
          sessionStorage.setItem('outreach-session', session)
        },
        JSON.stringify({ credential: tokenFor(claims) }),
      )
      await watched.page.goto(baseUrl + path)
      return watched
    },
    link,
    async close() {
      await browser.close()
      await services.close()
    },
  }
}

async function watch(page: Page, baseUrl: string): Promise<WatchedPage> {
  const elsewhere: string[] = []
  const complaints: string[] = []
  page.setDefaultTimeout(PAGE_TIMEOUT_MS)
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.origin !== baseUrl && url.protocol !== 'blob:') elsewhere.push(request.url())
  })
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
  // The document receives an event per policy violation, even if the console does not show it.
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`policy: ${violatedDirective} ${blockedURI}`),
    )
  })
  return { page, elsewhere, complaints }
}

export { HOSTILE_NAMES, messageEvents } from './sample-history.ts'
