import { createInbox, type Msg, type NatsConnection, nanos } from 'nats'
import type { Clock } from '../../base/clock.ts'
import { type NatsDelivery, readDelivery } from './delivery.ts'

export interface PullRequest {
  readonly stream: string
  readonly durable: string
  readonly maxMessages: number
  /** The broker stops before it would exceed this size. It must be larger than any message, or that message would never be sent. */
  readonly maxBytes: number
  readonly expiresMs: number
}

/**
 * How a pull ended. After `served` the next pull can follow. After anything else deliveries may be missing, because the connection broke, the broker sent nothing, a delivery
 * before the last one did not arrive, or the consumer does not exist.
 */
export type PullEnd = 'served' | 'connection' | 'silence' | 'gap' | 'consumer'

export interface PullResult {
  readonly ending: PullEnd
  /** The longest time for which this process was paused during the pull: the pause itself may have caused missing deliveries. */
  readonly processPausedMs: number
}

const HEARTBEAT_MS = 1_000
/** At the third check without a message two heartbeats are missing. Checks are counted, not time: after a pause a process runs one check, not several at once. */
const CHECK_INTERVAL_MS = 1_250
const MAX_SILENT_CHECKS = 3

/**
 * One bounded request for messages. The client's `consume()` requests more as soon as messages arrive, processed or not, and its `fetch()` limits bytes only
 * by requesting a hundred messages at most; neither bounds the memory for large messages. `onDelivery` returns false to end the pull.
 */
export function pull(
  connection: NatsConnection,
  request: PullRequest,
  onDelivery: (delivery: NatsDelivery) => boolean,
  signal: AbortSignal,
  clock: Clock,
): Promise<PullResult> {
  return new Promise((resolve) => {
    const inbox = createInbox()
    let received = 0
    let silentChecks = 0
    let checkedAt = clock.monotonic()
    let processPausedMs = 0
    const recordPause = () => {
      const now = clock.monotonic()
      processPausedMs = Math.max(processPausedMs, now - checkedAt - CHECK_INTERVAL_MS)
      checkedAt = now
    }
    const end = (ending: PullEnd) => {
      clearInterval(monitor)
      recordPause()
      signal.removeEventListener('abort', onAbort)
      subscription.unsubscribe()
      resolve({ ending, processPausedMs })
    }
    const onAbort = () => end('connection')
    const subscription = connection.subscribe(inbox, {
      callback: (error, message) => {
        silentChecks = 0
        if (error) return end('connection')
        if (message.subject === inbox) {
          const status = statusOf(message)
          if (status !== 'continuing') end(status)
          return
        }
        const delivery = readDelivery(message)
        if (!delivery) return
        let isAccepted = false
        try {
          isAccepted = onDelivery(delivery)
        } finally {
          // Also when it throws: the delivery was not processed and has to be requested again.
          if (!isAccepted) end('gap')
        }
        if (!isAccepted) return
        if (++received >= request.maxMessages) end('served')
      },
    })
    const monitor = setInterval(() => {
      recordPause()
      if (++silentChecks >= MAX_SILENT_CHECKS) end('silence')
    }, CHECK_INTERVAL_MS)
    if (signal.aborted) return end('connection')
    signal.addEventListener('abort', onAbort)
    connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${request.stream}.${request.durable}`,
      JSON.stringify({
        batch: request.maxMessages,
        max_bytes: request.maxBytes,
        expires: nanos(request.expiresMs),
        idle_heartbeat: nanos(HEARTBEAT_MS),
      }),
      { reply: inbox },
    )
  })
}

function statusOf(message: Msg): PullEnd | 'continuing' {
  const code = message.headers?.code ?? 0
  const description = message.headers?.description.toLowerCase() ?? ''
  if (code === 100) return 'continuing'
  // 404 no messages, 408 request expired, 409 request limit reached: each is the normal end of a pull.
  if (code === 404 || code === 408) return 'served'
  if (code === 409 && !/deleted|leadership|shutdown/.test(description)) return 'served'
  return 'consumer'
}
