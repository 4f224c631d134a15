import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { openServiceFixture, type ServiceFixture } from '../support/process/service-fixture.ts'
import { openBrowser } from '../support/runtimes/chromium.ts'
import { type Message, publish } from '../support/broker/nats-server.ts'
import { type Claims, token } from '../support/http/tokens.ts'
import { until } from '../support/process/until.ts'

const ROOT = '/api/v1/analytics'
const PATIENCE_MS = 15_000
const HOUR_MS = 3_600_000

/** Hostile and very long names. */
export const HOSTILE_NAMES = [
  '<img src=x onerror="window.hacked=1">',
  '<script>window.hacked=2</script>',
  `"quotes' & 'apostrophes"`,
  'مرحبا بالعالم \u202E reversed',
  'long'.repeat(80),
]

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
  readonly fixture: ServiceFixture
  readonly baseUrl: string
  tokenFor(claims: Claims): string
  /** The data of a dashboard for `tenant-1` over REST. */
  rest(question: string): Promise<any>
  /** A file of a dashboard for `tenant-1` over REST. */
  file(question: string): Promise<Uint8Array>
  send(messages: readonly Message[]): Promise<void>
  /** Opens a path of the service, or of a proxy in front of it, signed in with the current link. */
  openPage(path: string, baseUrl?: string): Promise<WatchedPage>
  /** The same without signing in. */
  openStrange(path: string, baseUrl?: string): Promise<WatchedPage>
  /** The current sign-in link. */
  link(): string
  close(): Promise<void>
}

export async function openDashboardFixture(): Promise<DashboardFixture> {
  const fixture = await openServiceFixture({ env: { JWT_SECRET: '' } })
  const service = fixture.service()
  const secret = readFileSync(join(service.dataDir, 'development-secret'), 'utf8')
  const tokenFor = (claims: Claims) => token(secret, claims)
  const browser = await openBrowser()
  const signedIn = () => ({ authorization: `Bearer ${tokenFor({ tenantId: 'tenant-1' })}` })
  const rest = async (question: string) => {
    const { status, body, text } = await service.get(`${ROOT}/${question}`, signedIn())
    if (status !== 200) throw new Error(text)
    return body!.data as any
  }
  const count = async () => (await rest('messages?timeRange=90d')).summary.sent as number
  const send = async (messages: readonly Message[]) => {
    const before = await count()
    const sent = messages.filter(([subject]) => subject === 'pipeline.message.sent').length
    await publish(fixture.nats.url, messages)
    await until(async () => (await count()) === before + sent, 20_000, 'the events to be counted')
  }
  const link = () => readFileSync(join(service.dataDir, 'dashboard-link'), 'utf8').trim()
  const openStrange = async (path: string, baseUrl = service.baseUrl) => {
    const watched = await watch(await browser.context.newPage(), baseUrl)
    await watched.page.goto(baseUrl + path)
    return watched
  }
  await send(history(Date.now()))
  return {
    fixture,
    baseUrl: service.baseUrl,
    tokenFor,
    rest,
    async file(question) {
      const answer = await fetch(`${service.baseUrl}${ROOT}/${question}`, { headers: signedIn() })
      if (!answer.ok) throw new Error(await answer.text())
      return answer.bytes()
    },
    send,
    openPage: (path, baseUrl) => openStrange(path + new URL(link()).hash, baseUrl),
    openStrange,
    link,
    async close() {
      await browser.close()
      await fixture.close()
    },
  }
}

async function watch(page: Page, baseUrl: string): Promise<WatchedPage> {
  const elsewhere: string[] = []
  const complaints: string[] = []
  page.setDefaultTimeout(PATIENCE_MS)
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

/** A message that was sent at a given time, and its later events. */
export function messageStory(id: string, at: number, steps: number, data: object): Message[] {
  return ['sent', 'delivered', 'opened', 'clicked'].slice(0, steps).map((step, index) => [
    `pipeline.message.${step}`,
    {
      eventId: `${id}-${step}`,
      tenantId: 'tenant-1',
      timestamp: new Date(at + index).toISOString(),
      data: { messageId: id, contactId: `c-${id}`, ...data },
    },
  ])
}

/** Sample data: one message every three hours over the last twenty days, and a few journeys. */
function history(now: number): Message[] {
  const channels = ['email', 'sms', 'whatsapp', 'push']
  const messages = Array.from({ length: 160 }, (_, index) => {
    const which = index % HOSTILE_NAMES.length
    const source = { sourceType: 'campaign', sourceId: `cmp-${which}`, sourceName: HOSTILE_NAMES[which] }
    const template = { templateId: `tpl-${which}`, templateName: HOSTILE_NAMES[which] }
    const at = now - index * 3 * HOUR_MS - 60_000
    return messageStory(`m-${index}`, at, 1 + ((index * 7) % 4), {
      channel: channels[index % 4],
      ...source,
      ...template,
    })
  })
  const at = (minutes: number) => new Date(now - minutes * 60_000).toISOString()
  const journeys = Array.from({ length: 12 }, (_, index): Message[] => {
    const event = (name: string, data: object) => ({
      eventId: `${name}-${index}`,
      tenantId: 'tenant-1',
      timestamp: at(600 * (index + 1)),
      data,
    })
    const run = { workflowId: `wf-${index % 3}`, runId: `run-${index}`, workflowName: HOSTILE_NAMES[index % 3] }
    const enrollment = {
      sequenceId: `seq-${index % 2}`,
      enrollmentId: `enr-${index}`,
      sequenceName: HOSTILE_NAMES[index % 2],
    }
    return [
      ['workflow.run.started', event('run', run)],
      [index % 4 === 0 ? 'workflow.run.failed' : 'workflow.run.completed', event('ended', run)],
      ['sequence.step.executed', event('step', { ...enrollment, stepNumber: 1 + (index % 3) })],
      ['sequence.enrollment.replied', event('reply', { ...enrollment, stepNumber: 1 + (index % 3) })],
    ]
  })
  return [...messages, ...journeys].flat()
}

/** The numbers of a view's KPI cards by their labels. */
export async function tilesOf(page: Page): Promise<Record<string, string>> {
  const labels = await page.locator('.tile dt').allInnerTexts()
  const numbers = await page.locator('.tile .number').allInnerTexts()
  return Object.fromEntries(labels.map((label, index) => [label, numbers[index]!]))
}

/** The cells of the table beside the first chart. */
export async function chartTable(page: Page): Promise<string[][]> {
  const alternative = page.locator('.chart .alternative').first()
  if ((await alternative.getAttribute('open')) === null) await alternative.locator('summary').click()
  await alternative.locator('tbody tr').first().waitFor()
  return alternative
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...(row as HTMLTableRowElement).cells].map((cell) => cell.textContent ?? '')),
    )
}
