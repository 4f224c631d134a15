/** Events of the simulator, created once and published for each measurement. */
import { connect } from 'nats'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import { messageIdOf } from '../../../src/cli/simulate/simulated-event.ts'
import { historyEvents } from '../../../src/cli/simulate/history-events.ts'
import { DataSet } from '../../../src/cli/simulate/data-set.ts'

const IN_FLIGHT = 3_000
const TICK_MS = 20
const SEED = 7
const DAY_MS = 86_400_000

export interface ReadyEvent {
  readonly subject: string
  readonly messageId: string
  readonly payload: Uint8Array
}

/** `count` distinct events of all kinds within the last day, in chronological order. */
export function simulatedLoad(count: number, tenants: number): ReadyEvent[] {
  const world = new DataSet(SEED, tenants)
  const history = historyEvents({ dataSet: world, seed: SEED, endMs: Date.now(), spanMs: DAY_MS, eventCount: count })
  const encoder = new TextEncoder()
  return Array.from(history, (event) => ({
    subject: event.subject,
    messageId: messageIdOf(event),
    payload: encoder.encode(JSON.stringify(event.envelope)),
  }))
}

export async function addEventStream(url: string): Promise<void> {
  const connection = await connect({ servers: url })
  await (await connection.jetstreamManager()).streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
  await connection.close()
}

export interface Pace {
  /** By default as fast as the events are acknowledged. */
  readonly perSecond?: number
  readonly signal?: AbortSignal
  readonly onAcknowledged?: () => void
}

/** Publishes each event with a message id and waits for its acknowledgement, as producers should; resolves when all are acknowledged. */
export async function publishLoad(url: string, events: readonly ReadyEvent[], pace: Pace = {}): Promise<void> {
  const { perSecond = Infinity, signal, onAcknowledged = () => {} } = pace
  const connection = await connect({ servers: url })
  const jetstream = connection.jetstream()
  const pending = new Set<Promise<void>>()
  const publish = async ({ subject, messageId, payload }: ReadyEvent) => {
    await jetstream.publish(subject, payload, { msgID: messageId })
    onAcknowledged()
  }
  const startedAt = performance.now()
  const due = () =>
    perSecond === Infinity ? Infinity : Math.ceil(((performance.now() - startedAt) / 1_000) * perSecond)
  for (let sent = 0; sent < events.length;) {
    if (signal?.aborted) break
    for (const upTo = Math.min(events.length, due(), sent + IN_FLIGHT - pending.size); sent < upTo; sent++) {
      const acknowledged = publish(events[sent]!).finally(() => pending.delete(acknowledged))
      pending.add(acknowledged)
    }
    await (pending.size >= IN_FLIGHT ? Promise.all(pending) : Bun.sleep(TICK_MS))
  }
  await Promise.all(pending)
  await connection.close()
}
