import { createInbox, type Msg, type NatsConnection, nanos } from 'nats'
import type { Clock } from '../../base/clock.ts'
import { type NatsDelivery, readDelivery } from './delivery.ts'

export interface PullRequest {
  readonly stream: string
  readonly durable: string
  readonly maxMessages: number
  /** The broker stops before it would send more than this. Larger than any one message, or that one blocks. */
  readonly maxBytes: number
  readonly expiresMs: number
}

/**
 * How a pull ended: `served` = ask again. After anything else deliveries may be missing, because the connection broke, the broker was silent, a delivery before the last one
 * never came, or the consumer is gone.
 */
export type PullEnd = 'served' | 'connection' | 'silence' | 'gap' | 'consumer'

export interface PullResult {
  readonly ending: PullEnd
  /** For so long, at most, this process did not come to look after it: then what is missing may be its own doing. */
  readonly heldUpMs: number
}

const HEARTBEAT_MS = 1_000
/** At the third look in vain two heartbeats are missing. Looks, as a thread that was held up makes them one after the other and not at once. */
const CHECK_INTERVAL_MS = 1_250
const MAX_SILENT_CHECKS = 3

/**
 * One bounded request for messages. The client's own `consume()` asks again as soon as messages arrive, read or not, and its `fetch()` bounds bytes only
 * by asking for a hundred messages at most; neither keeps a flood of large messages out of memory. `onDelivery` returns false to give up.
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
    let heldUpMs = 0
    const recordPause = () => {
      const now = clock.monotonic()
      heldUpMs = Math.max(heldUpMs, now - checkedAt - CHECK_INTERVAL_MS)
      checkedAt = now
    }
    const end = (ending: PullEnd) => {
      clearInterval(monitor)
      recordPause()
      signal.removeEventListener('abort', onAbort)
      subscription.unsubscribe()
      resolve({ ending, heldUpMs })
    }
    const onAbort = () => end('connection')
    const subscription = connection.subscribe(inbox, {
      callback: (error, message) => {
        silentChecks = 0
        if (error) return end('connection')
        if (message.subject === inbox) {
          const status = statusOf(message)
          if (status !== 'going on') end(status)
          return
        }
        const delivery = readDelivery(message)
        if (!delivery) return
        let isAccepted = false
        try {
          isAccepted = onDelivery(delivery)
        } finally {
          // Also when it throws: what it did not take over has to be asked for again.
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

function statusOf(message: Msg): PullEnd | 'going on' {
  const code = message.headers?.code ?? 0
  const description = message.headers?.description.toLowerCase() ?? ''
  if (code === 100) return 'going on'
  // 404 no messages, 408 the request expired, 409 it cannot be served further: all of them the ordinary end of a pull.
  if (code === 404 || code === 408) return 'served'
  if (code === 409 && !/deleted|leadership|shutdown/.test(description)) return 'served'
  return 'consumer'
}
