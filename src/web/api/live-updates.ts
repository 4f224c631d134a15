/**
 * Numbers that move by themselves: the live stream comes in and tells what was added; where it is refused, a clock ticks and the page asks again.
 */
import type { LiveEventCount } from '../../analytics/live-event-counts.ts'
import { type ApiClient, ApiError } from './api-client.ts'
import { createEventStreamParser, type ServerSentEvent } from './event-stream.ts'

export type LiveState = 'live' | 'polling' | 'waiting'

export interface LiveListener {
  /** All there is, from here on counted by deltas. */
  snapshot(counts: readonly LiveEventCount[]): void
  /** Added since the message before. */
  delta(counts: readonly LiveEventCount[]): void
  /** What was told holds no longer, until the next snapshot. */
  reset(): void
  /** Time to ask again, where nobody tells. */
  poll(): void
  state(state: LiveState): void
}

const POLL_MS = 3_000
const FIRST_RETRY_MS = 1_000
const MAX_RETRY_MS = 30_000
/** Two heartbeats fall into this time: silence is a connection that is gone without a word. The user is told within ten seconds. */
export const SILENCE_TIMEOUT_MS = 9_000
/** A stream may be long in beginning: while blocks of a backlog are stored it waits for its turn, up to 20 seconds. */
const OPEN_TIMEOUT_MS = 25_000

/** Follows a live question until the signal aborts, as long as somebody looks. Never rejects. */
export async function followLiveUpdates(
  api: ApiClient,
  path: string,
  listener: LiveListener,
  signal: AbortSignal,
): Promise<void> {
  let retryMs = FIRST_RETRY_MS
  while (!signal.aborted) {
    await waitUntilVisible(signal)
    try {
      await readStream(api, path, abortWhenHidden(signal), (event) => {
        retryMs = FIRST_RETRY_MS
        listener.state('live')
        dispatchEvent(listener, event)
      })
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof ApiError && error.retryAfterMs === undefined && error.status < 500)
        return runPolling(listener, signal)
      if (error instanceof ApiError && error.retryAfterMs !== undefined) retryMs = Math.max(retryMs, error.retryAfterMs)
    }
    if (signal.aborted) return
    listener.reset()
    listener.state('waiting')
    listener.poll()
    await delay(retryMs, signal)
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)
  }
}

async function readStream(
  api: ApiClient,
  path: string,
  signal: AbortSignal,
  onEvent: (event: ServerSentEvent) => void,
): Promise<void> {
  const timeout = new AbortController()
  let timer = setTimeout(() => timeout.abort(), OPEN_TIMEOUT_MS)
  const response = await api
    .request(path, AbortSignal.any([signal, timeout.signal]), {
      accept: 'text/event-stream',
    })
    .finally(() => clearTimeout(timer))
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const read = createEventStreamParser()
  try {
    while (true) {
      clearTimeout(timer)
      timer = setTimeout(() => timeout.abort(), SILENCE_TIMEOUT_MS)
      const { done, value } = await reader.read()
      if (done) return
      for (const event of read(value)) onEvent(event)
    }
  } finally {
    clearTimeout(timer)
  }
}

function dispatchEvent(listener: LiveListener, { event, data }: ServerSentEvent): void {
  if (event === 'resync') return listener.reset()
  if (event !== 'snapshot' && event !== 'delta') return
  const { counts } = JSON.parse(data) as { counts: readonly LiveEventCount[] }
  listener[event](counts)
}

/** Aborts with the signal, or when nobody looks any longer: a browser has six connections to a host, and each of its tabs would hold one. */
function abortWhenHidden(signal: AbortSignal): AbortSignal {
  const hidden = new AbortController()
  document.addEventListener('visibilitychange', () => hidden.abort(), { once: true, signal })
  return AbortSignal.any([signal, hidden.signal])
}

/** Resolves when somebody looks, or the signal aborts. */
function waitUntilVisible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (document.visibilityState === 'visible' || signal.aborted) return resolve()
    document.addEventListener('visibilitychange', () => resolve(), { once: true })
    signal.addEventListener('abort', () => resolve())
  })
}

async function runPolling(listener: LiveListener, signal: AbortSignal): Promise<void> {
  listener.state('polling')
  while (!signal.aborted) {
    await delay(POLL_MS, signal)
    await waitUntilVisible(signal)
    if (!signal.aborted) listener.poll()
  }
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
