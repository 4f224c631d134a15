/**
 * Live updates: reads the live stream to learn when the data changes, and polls where the service does not permit the stream. The page shows no number of the stream itself:
 * all numbers on the screen come from one response, so that they agree.
 */
import type { ApiClient } from './api-client.ts'
import { ApiError } from './api-error.ts'
import { createEventStreamParser, type ServerSentEvent } from './event-stream.ts'

/** `connecting`: before the first event; `waiting`: the stream is interrupted; `polling`: the service does not permit the stream. */
export type StreamState = 'connecting' | 'live' | 'polling' | 'waiting'

export interface LiveListener {
  /** Called when the data may have changed: events were stored, or the stream was interrupted. */
  onChange(): void
  /** Called at intervals without a live stream, for a new query. */
  onPoll(): void
  onState(state: StreamState): void
}

/** The events of the stream that may change numbers. A resync means that events may have been missed. */
const CHANGES = ['snapshot', 'delta', 'resync']
const POLL_MS = 3_000
const FIRST_RETRY_MS = 1_000
const MAX_RETRY_MS = 30_000
/** Longer than two heartbeat intervals, so silence means that the connection is lost. The user sees this within ten seconds. */
export const SILENCE_TIMEOUT_MS = 9_000
/** A stream may start late: it waits up to 20 seconds while blocks of a backlog are stored. */
const OPEN_TIMEOUT_MS = 25_000

/** Follows a live query while the page is visible, until the signal aborts. Rejects only with the ApiError of a session that the service no longer accepts. */
export async function followLiveUpdates(
  api: ApiClient,
  path: string,
  listener: LiveListener,
  signal: AbortSignal,
): Promise<void> {
  let retryMs = FIRST_RETRY_MS
  while (!signal.aborted) {
    if (document.visibilityState !== 'visible') {
      await waitUntilVisible(signal)
      if (signal.aborted) return
      // The numbers may be as old as the time that the page was hidden.
      listener.onState('connecting')
      listener.onPoll()
    }
    try {
      await readStream(api, path, signal, {
        onLate() {
          listener.onState('connecting')
          listener.onPoll()
        },
        onEvent(event) {
          retryMs = FIRST_RETRY_MS
          listener.onState('live')
          if (CHANGES.includes(event.event)) listener.onChange()
        },
      })
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof ApiError && error.status === 401) throw error
      if (error instanceof ApiError && error.retryAfterMs === undefined && error.status < 500)
        return runPolling(listener, signal)
      if (error instanceof ApiError && error.retryAfterMs !== undefined) retryMs = Math.max(retryMs, error.retryAfterMs)
    }
    if (signal.aborted) return
    listener.onState('waiting')
    await pollFor(retryMs, listener, signal)
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)
  }
}

interface StreamReader {
  /** Called when the stream is not open after the time in which a user has to see a lost connection. */
  onLate(): void
  onEvent(event: ServerSentEvent): void
}

/** Reads a stream until it ends, is silent for too long, or the page is hidden. Its connection is closed afterwards in any case. */
async function readStream(api: ApiClient, path: string, signal: AbortSignal, reads: StreamReader): Promise<void> {
  const connection = new AbortController()
  const close = () => connection.abort()
  let timer = setTimeout(close, OPEN_TIMEOUT_MS)
  const lateTimer = setTimeout(() => reads.onLate(), SILENCE_TIMEOUT_MS)
  // A browser allows six connections per host, and each hidden tab would occupy one.
  document.addEventListener('visibilitychange', close)
  try {
    const response = await api
      .request(path, AbortSignal.any([signal, connection.signal]), { accept: 'text/event-stream' })
      .finally(() => clearTimeout(lateTimer))
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    const read = createEventStreamParser()
    while (true) {
      clearTimeout(timer)
      timer = setTimeout(close, SILENCE_TIMEOUT_MS)
      const { done, value } = await reader.read()
      if (done) return
      for (const event of read(value)) reads.onEvent(event)
    }
  } finally {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', close)
    close()
  }
}

/** Resolves when the page is visible or the signal aborts. */
function waitUntilVisible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (document.visibilityState !== 'visible' && !signal.aborted) return
      document.removeEventListener('visibilitychange', check)
      signal.removeEventListener('abort', check)
      resolve()
    }
    document.addEventListener('visibilitychange', check)
    signal.addEventListener('abort', check)
    check()
  })
}

/** Polls at once and then at intervals, for as long as the stream rests. */
async function pollFor(ms: number, listener: LiveListener, signal: AbortSignal): Promise<void> {
  for (let left = ms; left > 0 && !signal.aborted; left -= POLL_MS) {
    listener.onPoll()
    await delay(Math.min(left, POLL_MS), signal)
  }
}

async function runPolling(listener: LiveListener, signal: AbortSignal): Promise<void> {
  listener.onState('polling')
  while (!signal.aborted) {
    await delay(POLL_MS, signal)
    await waitUntilVisible(signal)
    if (!signal.aborted) listener.onPoll()
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
