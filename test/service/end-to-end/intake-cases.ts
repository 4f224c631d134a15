import { describe, expect, test } from 'bun:test'
import { type MsgHdrs, connect } from 'nats'
import { type Message, publish } from '../../support/broker/nats-server.ts'
import { differences } from '../../support/oracle/differences.ts'
import type { Published } from '../../support/oracle/history.ts'
import { DAY_MS } from '../../support/oracle/zone.ts'
import { trafficOf } from '../../support/traffic/traffic.ts'
import {
  type ServiceFixture,
  publishAndCount,
  untilCounted,
  untilSettled,
} from '../../support/process/service-fixture.ts'

const TIMEOUT_MS = 60_000
const MIB = 1_048_576

export function describeIntake(fixture: () => ServiceFixture): void {
  describe('ingestion', () => {
    test(
      'an event that is published again, at once or after it was stored, is stored once',
      async () => {
        const nowMs = Date.now()
        const recent = { seed: 5, messages: 60, fromMs: nowMs - 5 * DAY_MS, toMs: nowMs, repeats: 1 }
        const feed = trafficOf({ ...recent, tenants: ['repeating'] }).filter(([, envelope]) => envelope.eventId)
        await publishAndCount(fixture(), feed)
        // The marker is sent last: when it is counted, all changes of the second round are counted.
        const marker = sent('repeating', 'marker')
        await publishAndCount(fixture(), [...feed, ...feed, marker])
      },
      TIMEOUT_MS,
    )

    test(
      'the same event id of two tenants is two events',
      async () => {
        await publishAndCount(fixture(), [sent('twin-a', 'same'), sent('twin-b', 'same'), sent('twin-a', 'same')])
      },
      TIMEOUT_MS,
    )

    test(
      'every kind of invalid message becomes a dead letter with the same bytes, and the events around it are stored',
      async () => {
        const bad = badMessages(Date.now())
        const good = bad.map((_, index) => sent('neighbour', `neighbour-${index}`))
        const mixed = bad.flatMap(({ message }, index): Message[] => [message, good[index] as Published])
        const sequences = (await publish(fixture().nats.url, mixed)).map((acknowledged) => acknowledged.seq)
        await untilCounted(fixture().service(), good, 30_000)
        await untilSettled(fixture().nats.url)
        const dead = await deadLetters(fixture().nats.url)
        const told = bad.map(({ label, message: [subject, body], reason }, index) => {
          const origin = String(sequences[2 * index])
          const letter = dead.find(({ fields }) => fields.includes(origin))
          const kept = letter ? Buffer.compare(letter.bytes, bytesOf(body)) === 0 : false
          const named = letter ? letter.fields.includes(subject) && letter.fields.includes(reason) : false
          const explained = letter ? letter.fields.some((field) => field.includes(' ')) : false
          return { label, subject: letter?.subject, kept, named, explained }
        })
        const expected = bad.map(({ label, reason }) => {
          return { label, subject: `analytics.dead.${reason}`, kept: true, named: true, explained: true }
        })
        expect(differences(told, expected, 'letters')).toEqual([])
        expect(dead.length).toBe(bad.length)
      },
      TIMEOUT_MS,
    )

    test('every line outside the banner is a JSON object; the log has batches and queries, but no payload and no secret', async () => {
      const service = fixture().service()
      await publishAndCount(fixture(), [sent('logged', 'contact-of-nobody')])
      const log = service.log()
      const lines = log
        .split('\n')
        // The lines of the banner are indented.
        .filter((line) => line !== '' && !line.startsWith('  '))
        // Deno writes this advice once on standard error, at the first request.
        .filter((line) => !line.startsWith('Deno.serve: request.signal'))
      const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
      const batch = entries.find((entry) => Object.values(entry).includes('[INGEST] analytics events batch'))
      expect(batch).toMatchObject({ tenantId: expect.any(String), batchSize: expect.any(Number) })
      expect(batch).toHaveProperty('eventTypes')
      const query = entries.find((entry) => Object.values(entry).includes('[QUERY] analytics query'))
      for (const field of ['tenantId', 'correlationId', 'queryType', 'timeRange', 'granularity', 'duration']) {
        expect(query).toHaveProperty(field)
      }
      expect(log).not.toContain(service.secret)
      expect(log).not.toContain('eyJ')
      expect(log).not.toContain('contact-of-nobody')
    })
  })
}

function sent(tenantId: string, key: string): Published {
  const data = { messageId: key, channel: 'email', contactId: `contact ${key}`, campaignId: 'c' }
  return ['pipeline.message.sent', { eventId: key, tenantId, timestamp: new Date().toISOString(), data }]
}

interface BadMessage {
  readonly label: string
  readonly reason: string
  readonly message: Message
}

function badMessages(nowMs: number): BadMessage[] {
  const subject = 'pipeline.message.sent'
  const envelope = { tenantId: 'neighbour', timestamp: nowMs, data: { messageId: 'bad', channel: 'email' } }
  const bad = (reason: string, label: string, body: object | string | Uint8Array, on = subject): BadMessage => {
    return { label, reason, message: [on, body] }
  }
  return [
    bad('invalid_json', 'nothing at all', ''),
    bad('invalid_json', 'half an object', '{"tenantId":"neighbour",'),
    bad('invalid_json', 'bytes that are not UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])),
    bad('not_an_object', 'a list', '[1]'),
    bad('not_an_object', 'null', 'null'),
    bad('too_large', 'more than 1 MiB', { ...envelope, data: { ...envelope.data, metadata: 'x'.repeat(MIB) } }),
    bad('invalid_tenant', 'no tenant', { ...envelope, tenantId: undefined }),
    bad('invalid_tenant', 'a tenant with a space', { ...envelope, tenantId: 'a b' }),
    bad('invalid_tenant', 'a tenant of 129 characters', { ...envelope, tenantId: 'x'.repeat(129) }),
    bad('invalid_tenant', 'a tenant that is a number', { ...envelope, tenantId: 7 }),
    bad('invalid_timestamp', 'no time', { ...envelope, timestamp: undefined }),
    bad('invalid_timestamp', 'a time in words', { ...envelope, timestamp: 'yesterday' }),
    bad('invalid_timestamp', 'a 30th of February', { ...envelope, timestamp: '2026-02-30T10:00:00Z' }),
    bad('future_timestamp', 'two days ahead', { ...envelope, timestamp: nowMs + 2 * DAY_MS }),
    bad('expired_timestamp', 'three years old', { ...envelope, timestamp: nowMs - 3 * 365 * DAY_MS }),
    bad('missing_entity_id', 'no message id', { ...envelope, data: { channel: 'email' } }),
    bad('missing_entity_id', 'no run or workflow id', envelope, 'workflow.run.started'),
    bad('missing_entity_id', 'no enrollment id', envelope, 'sequence.enrollment.replied'),
    bad('unknown_channel', 'an unknown channel', { ...envelope, data: { ...envelope.data, channel: 'fax' } }),
  ]
}

interface DeadLetter {
  readonly subject: string
  readonly bytes: Uint8Array
  /** The values of all headers. */
  readonly fields: readonly string[]
}

async function deadLetters(natsUrl: string): Promise<DeadLetter[]> {
  const connection = await connect({ servers: natsUrl })
  try {
    const { streams } = await connection.jetstreamManager()
    const { state } = await streams.info('ANALYTICS_DEAD')
    const found: DeadLetter[] = []
    for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; seq++) {
      const stored = await streams.getMessage('ANALYTICS_DEAD', { seq })
      found.push({ subject: stored.subject, bytes: stored.data, fields: valuesOf(stored.header) })
    }
    return found
  } finally {
    await connection.close()
  }
}

function valuesOf(headers: MsgHdrs): string[] {
  return headers.keys().flatMap((name) => headers.values(name))
}

function bytesOf(body: Message[1]): Uint8Array {
  if (body instanceof Uint8Array) return body
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
}
