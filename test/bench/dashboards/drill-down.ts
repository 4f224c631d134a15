/** Measures searches, single messages and contacts, and a file of messages over HTTP on a long history of the biggest tenant. */
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { token } from '../../support/http/tokens.ts'
import { type RunningService, startService } from '../../support/process/service.ts'
import { openHistory } from '../history/open-history.ts'
import { median, THREADS } from '../measure/machine.ts'
import { residentMiB, watchResident } from '../measure/process-usage.ts'
import { TENANT } from './dashboard-questions.ts'

/** Number of rounds before the measurement, while a new service compiles its code and opens its files for the first time. */
const WARM_UP = 3
/** The deep page begins behind so many events. */
const DEPTH = 100_000
const DEEP_LIMIT = 1_000
const FILE_MESSAGES = 100_000
const FILES = 3

interface Message {
  readonly messageId: string
  readonly contactId: string
}
interface Answers {
  readonly events: { readonly cursor: string; readonly events: readonly object[] }
  readonly messages: { readonly messages: readonly Message[] }
}

/** Milliseconds of `requests` answers each, all over the default range of 30 days unless the name says another. */
export async function benchDrillDown(events: number, requests: number) {
  const history = await openHistory(events)
  const nats = await startNatsServer()
  const service = await startService({ natsUrl: nats.url, dataDir: history.copy(), env: THREADS })
  try {
    const { times, deepAt } = await timeRequests(service, requests)
    const figures = Object.entries(times).map(([name, each]) => [name, { p50: at(each, 0.5), p95: at(each, 0.95) }])
    const files: Awaited<ReturnType<typeof readFile>>[] = []
    for (let file = 0; file < FILES; file++) files.push(await readFile(service))
    return {
      store: { rows: history.rows, parts: history.parts },
      requests,
      deepAt,
      requestsMs: Object.fromEntries(figures) as Record<string, { readonly p50: number; readonly p95: number }>,
      file: {
        messages: Math.min(...files.map((file) => file.messages)),
        firstByteMs: Math.round(median(files.map((file) => file.firstByteMs))),
        seconds: Math.round(median(files.map((file) => file.seconds)) * 10) / 10,
        /** The first file also loads code and fills buffers that stay. */
        addedMebibytes: files.map((file) => file.addedMebibytes),
      },
    }
  } finally {
    await service.stop()
    await nats.stop()
    history.close()
  }
}

async function timeRequests(service: RunningService, requests: number) {
  const search = { path: '/messages/search', body: { status: ['humanClicked'], limit: 100 } }
  // Each request asks for another message, contact and page, so that no answer depends on what the request before has read.
  const samples = await sampleMessages(service, WARM_UP + requests)
  const { cursor, depth } = await cursorAt(service)
  const times: Record<string, number[]> = {}
  for (let round = -WARM_UP; round < requests; round++) {
    const sample = samples[(round + WARM_UP) % samples.length]!
    const channel = ['email', 'sms', 'whatsapp', 'push'][(round + WARM_UP) % 4]!
    const filter = { dimension: 'channel', operator: 'in', values: [channel] }
    const questions: Readonly<Record<string, () => Promise<unknown>>> = {
      'events, first page': () => post(service, '/events/search', {}),
      'events of a filter, first page': () => post(service, '/events/search', { filter }),
      'events, page after 100,000': () => post(service, '/events/search', { cursor }),
      'message by id': () => get(service, `/messages/${sample.messageId}`),
      'contact by id, 90 days': () => get(service, `/contacts/${sample.contactId}?timeRange=90d`),
      'messages with status, first page': () => post(service, search.path, search.body),
      'messages with status and filter, first page': () => post(service, search.path, { ...search.body, filter }),
      'messages with status, 90 days, first page': () =>
        post(service, search.path, { ...search.body, timeRange: '90d', not: ['complained'] }),
    }
    for (const [name, ask] of Object.entries(questions)) {
      const startedAt = performance.now()
      await ask()
      if (round >= 0) (times[name] ??= []).push(performance.now() - startedAt)
    }
  }
  return { times, deepAt: depth }
}

/** Messages of the tenant from the whole history. */
async function sampleMessages(service: RunningService, count: number): Promise<readonly Message[]> {
  const dayMs = 86_400_000
  const samples: Message[] = []
  for (let index = 0; index < count; index++) {
    const start = Date.now() - (1 + ((index * 7) % 88)) * dayMs
    const { messages } = await post<Answers['messages']>(service, '/messages/search', {
      startDate: new Date(start).toISOString(),
      endDate: new Date(start + dayMs).toISOString(),
      status: ['clicked'],
      limit: 1,
    })
    samples.push(...messages)
  }
  if (samples.length === 0) throw new Error('There is no message to ask for.')
  return samples
}

/** Reads pages until the given depth; the cursor of the page behind them. */
async function cursorAt(service: RunningService): Promise<{ readonly cursor: string; readonly depth: number }> {
  let cursor: string | null = null
  let depth = 0
  while (depth < DEPTH) {
    const page: Answers['events'] = await post(service, '/events/search', { limit: DEEP_LIMIT, cursor })
    if (page.cursor === null) throw new Error(`There are only ${depth} events.`)
    depth += page.events.length
    cursor = page.cursor
  }
  return { cursor: cursor!, depth }
}

/** Downloads the newest messages as CSV. */
async function readFile(service: RunningService) {
  const before = residentMiB(service.pid)
  const largest = watchResident(service.pid, 20)
  const startedAt = performance.now()
  const response = await send(service, '/messages/search?format=csv', {
    method: 'POST',
    body: JSON.stringify({ timeRange: '90d' }),
    headers: { 'content-type': 'application/json' },
  })
  let firstByteMs = 0
  let lines = 0
  for await (const chunk of response.body!) {
    if (firstByteMs === 0) firstByteMs = performance.now() - startedAt
    for (const byte of chunk) if (byte === 10) lines++
  }
  const messages = lines - 1
  if (messages !== FILE_MESSAGES) process.stderr.write(`The file has ${messages} messages, not ${FILE_MESSAGES}.\n`)
  const seconds = (performance.now() - startedAt) / 1_000
  return { messages, firstByteMs, seconds, addedMebibytes: largest() - before }
}

function get(service: RunningService, path: string): Promise<unknown> {
  return answerOf(service, path, {})
}

function post<Data>(service: RunningService, path: string, body: object): Promise<Data> {
  return answerOf<Data>(service, path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
}

async function answerOf<Data>(service: RunningService, path: string, init: RequestInit): Promise<Data> {
  return ((await (await send(service, path, init)).json()) as { data: Data }).data
}

async function send({ baseUrl, secret }: RunningService, path: string, init: RequestInit): Promise<Response> {
  const authorization = `Bearer ${token(secret, { tenantId: TENANT })}`
  const response = await fetch(`${baseUrl}/api/v1/analytics${path}`, {
    ...init,
    headers: { ...(init.headers as Record<string, string>), authorization },
  })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return response
}

function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]! * 10) / 10
}
