/** A broker with a full stream, and a program that reads it: shared by the ingestion benchmarks. */
import { connect } from 'nats'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { messageEvent } from '../measure/message-event.ts'
import { runProgram } from '../measure/run-program.ts'

const IN_FLIGHT = 3_000

interface BacklogOptions {
  /** Whether the events of a message are far apart: first all sendings, then all deliveries, and so on. By default they follow each other. */
  readonly isScattered?: boolean
}

/**
 * Starts a broker with `events` events in the stream EVENTS, four of each message. Messages are distributed in turn over `tenants` tenants, which are those of a filled
 * history: `tenant-1` and so on.
 */
export async function startBacklog(
  events: number,
  tenants: number,
  { isScattered = false }: BacklogOptions = {},
): Promise<NatsServer> {
  const nats = await startNatsServer()
  const connection = await connect({ servers: nats.url })
  await (await connection.jetstreamManager()).streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
  const jetstream = connection.jetstream()
  const now = Date.now()
  let pending: Promise<unknown>[] = []
  const messages = Math.ceil(events / 4)
  for (let index = 0; index < events; index++) {
    const number = isScattered ? (index % messages) * 4 + Math.floor(index / messages) : index
    const { subject, envelope } = messageEvent(
      number,
      `tenant-${((number >> 2) % tenants) + 1}`,
      now - Math.floor((events - index) / 50),
    )
    pending.push(jetstream.publish(subject, JSON.stringify(envelope)))
    if (pending.length < IN_FLIGHT) continue
    await Promise.all(pending)
    pending = []
  }
  await Promise.all(pending)
  await connection.close()
  return nats
}

/** Runs a consumer program of `test/bench` over the whole stream, with these variables in its environment, and returns the duration that it prints. */
export function timeConsumer(
  program: string,
  nats: NatsServer,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly seconds: number; readonly events: number }> {
  return runProgram(program, [nats.url, ...args], env)
}

export function perSecond(events: number, seconds: number): number {
  return Math.round(events / seconds)
}

export function ratio(a: number, b: number): number {
  return Math.round((a / b) * 1000) / 1000
}
