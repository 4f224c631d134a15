/**
 * How fast a backlog becomes queryable: events a second of the whole service on the embedded engine, beside those of a bare consumer that only reads
 * and parses the same stream, in the same run.
 */
import { AckPolicy, connect, type NatsConnection } from 'nats'
import { SUBJECTS } from '../../src/events/catalogue.ts'
import { type NatsServer, startNatsServer } from '../support/nats-server.ts'
import { forget, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

export interface IngestFigures {
  readonly events: number
  readonly tenants: number
  readonly bareEventsPerSecond: number
  readonly serviceEventsPerSecond: number
  /** Service ÷ bare consumer. */
  readonly ratio: number
  readonly inserts: number
  readonly residentMiB: number
}

const TYPES = ['sent', 'delivered', 'opened', 'clicked']
const IN_FLIGHT = 3_000
const TIMEOUT_MS = 180_000

export async function benchIngest(events: number, tenants: number): Promise<IngestFigures> {
  const nats = await startNatsServer()
  const connection = await connect({ servers: nats.url })
  try {
    await (await connection.jetstreamManager()).streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
    await fill(connection, events, tenants)
    const bareEventsPerSecond = await consumeBare(connection, events)
    return { events, tenants, bareEventsPerSecond, ...(await consumeByService(nats, events, bareEventsPerSecond)) }
  } finally {
    await connection.close()
    await nats.stop()
  }
}

async function fill(connection: NatsConnection, events: number, tenants: number): Promise<void> {
  const jetstream = connection.jetstream()
  const now = Date.now()
  let pending: Promise<unknown>[] = []
  for (let index = 0; index < events; index++) {
    const envelope = {
      eventId: crypto.randomUUID(),
      tenantId: `tenant-${index % tenants}`,
      timestamp: new Date(now - Math.floor((events - index) / 50)).toISOString(),
      correlationId: crypto.randomUUID(),
      data: {
        messageId: `m-${index >> 2}`,
        channel: 'email',
        contactId: `c-${index % 5_000}`,
        sourceType: 'campaign',
        sourceId: `cmp-${index % 20}`,
        sourceName: 'Black Friday Sale',
        templateId: `tpl-${index % 15}`,
        templateName: 'Welcome Email',
        metadata: { ua: 'Mozilla/5.0', n: index },
      },
    }
    pending.push(jetstream.publish(`pipeline.message.${TYPES[index % 4]}`, JSON.stringify(envelope)))
    if (pending.length === IN_FLIGHT) {
      await Promise.all(pending)
      pending = []
    }
  }
  await Promise.all(pending)
}

async function consumeBare(connection: NatsConnection, events: number): Promise<number> {
  const jsm = await connection.jetstreamManager()
  await jsm.consumers.add('EVENTS', { durable_name: 'bare', ack_policy: AckPolicy.All, max_ack_pending: 200_000 })
  const consumer = await connection.jetstream().consumers.get('EVENTS', 'bare')
  const decoder = new TextDecoder()
  const startedAt = performance.now()
  let count = 0
  for await (const message of await consumer.consume({ max_messages: 5_000 })) {
    JSON.parse(decoder.decode(message.data))
    if (++count % 5_000 === 0) message.ack()
    if (count === events) break
  }
  return perSecond(events, startedAt)
}

async function consumeByService(nats: NatsServer, events: number, bareEventsPerSecond: number) {
  const service = await startService({ natsUrl: nats.url })
  const startedAt = performance.now()
  try {
    const metric = async (name: string) => {
      const { text } = await service.get('/metrics')
      return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
    }
    const before = await metric('analytics_events_stored_total')
    await until(
      async () => (await metric('analytics_events_stored_total')) >= events,
      TIMEOUT_MS,
      'all events to be stored',
    )
    const serviceEventsPerSecond = perSecond(events - before, startedAt)
    const status = await Bun.file(`/proc/${service.pid}/status`).text()
    return {
      serviceEventsPerSecond,
      ratio: Math.round((serviceEventsPerSecond / bareEventsPerSecond) * 100) / 100,
      inserts: await metric('analytics_flush_size_count'),
      residentMiB: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024),
    }
  } finally {
    await service.stop()
    forget(service)
  }
}

function perSecond(events: number, startedAt: number): number {
  return Math.round(events / ((performance.now() - startedAt) / 1000))
}
