/**
 * Numbers that move by themselves: the live stream comes in and tells what was added; where it is refused, a clock ticks and the page asks again.
 */
import type { LiveCount } from '../analytics/live-counts.ts'
import { type Api, Refusal } from './api.ts'
import { createEventReader, type StreamEvent } from './event-stream.ts'

export type LiveState = 'live' | 'polling' | 'waiting'

export interface LiveListener {
  /** All there is, from here on counted by deltas. */
  snapshot(counts: readonly LiveCount[]): void
  /** Added since the message before. */
  delta(counts: readonly LiveCount[]): void
  /** What was told holds no longer, until the next snapshot. */
  lost(): void
  /** Time to ask again, where nobody tells. */
  poll(): void
  state(state: LiveState): void
}

const POLL_MS = 3_000
const FIRST_RETRY_MS = 1_000
const MAX_RETRY_MS = 30_000
/** Two heartbeats fall into this time: silence is a connection that is gone without a word. The user is told within ten seconds. */
export const SILENCE_MS = 9_000
/** A stream may be long in beginning: while blocks of a backlog are stored it waits for its turn, up to 20 seconds. */
const OPENING_MS = 25_000

/** Follows a live question until the signal aborts, as long as somebody looks. Never rejects. */
export async function follow(api: Api, path: string, listener: LiveListener, signal: AbortSignal): Promise<void> {
  let retryMs = FIRST_RETRY_MS
  while (!signal.aborted) {
    await shown(signal)
    try {
      await readStream(api, path, whileShown(signal), (event) => {
        retryMs = FIRST_RETRY_MS
        listener.state('live')
        tell(listener, event)
      })
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Refusal && error.retryAfterMs === undefined && error.status < 500)
        return poll(listener, signal)
      if (error instanceof Refusal && error.retryAfterMs !== undefined) retryMs = Math.max(retryMs, error.retryAfterMs)
    }
    if (signal.aborted) return
    listener.lost()
    listener.state('waiting')
    listener.poll()
    await pause(retryMs, signal)
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)
  }
}

async function readStream(
  api: Api,
  path: string,
  signal: AbortSignal,
  take: (event: StreamEvent) => void,
): Promise<void> {
  const silent = new AbortController()
  let timer = setTimeout(() => silent.abort(), OPENING_MS)
  const response = await api
    .open(path, AbortSignal.any([signal, silent.signal]), {
      accept: 'text/event-stream',
    })
    .finally(() => clearTimeout(timer))
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const read = createEventReader()
  try {
    while (true) {
      clearTimeout(timer)
      timer = setTimeout(() => silent.abort(), SILENCE_MS)
      const { done, value } = await reader.read()
      if (done) return
      for (const event of read(value)) take(event)
    }
  } finally {
    clearTimeout(timer)
  }
}

function tell(listener: LiveListener, { event, data }: StreamEvent): void {
  if (event === 'resync') return listener.lost()
  if (event !== 'snapshot' && event !== 'delta') return
  const { counts } = JSON.parse(data) as { counts: readonly LiveCount[] }
  listener[event](counts)
}

/** Aborts with the signal, or when nobody looks any longer: a browser has six connections to a host, and each of its tabs would hold one. */
function whileShown(signal: AbortSignal): AbortSignal {
  const hidden = new AbortController()
  document.addEventListener('visibilitychange', () => hidden.abort(), { once: true, signal })
  return AbortSignal.any([signal, hidden.signal])
}

/** Resolves when somebody looks, or the signal aborts. */
function shown(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (document.visibilityState === 'visible' || signal.aborted) return resolve()
    document.addEventListener('visibilitychange', () => resolve(), { once: true })
    signal.addEventListener('abort', () => resolve())
  })
}

async function poll(listener: LiveListener, signal: AbortSignal): Promise<void> {
  listener.state('polling')
  while (!signal.aborted) {
    await pause(POLL_MS, signal)
    await shown(signal)
    if (!signal.aborted) listener.poll()
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
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
