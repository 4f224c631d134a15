import { expect, test } from 'bun:test'
import { connect, type JetStreamClient } from 'nats'
import { startNatsServer } from '../../../support/broker/nats-server.ts'
import { forget, startService } from '../../../support/process/service.ts'
import { until } from '../../../support/process/until.ts'

const MB = 1_048_576
const BAD_COUNT = 220
const GOOD_COUNT = 44

/** Rejected events of one and a half times the space of the broker: without limits on the streams no producer could publish until a purge. */
test('a producer of large invalid events cannot fill the broker: the events of others are accepted and stored', async () => {
  const nats = await startNatsServer({ config: `jetstream { max_file_store: ${130 * MB} }` })
  const limits = { EVENTS_MAX_MB: '64', DEAD_LETTERS_MAX_MB: '32', DEFERRED_MAX_MB: '16' }
  const service = await startService({ natsUrl: nats.url, env: limits })
  const connection = await connect({ servers: nats.url })
  const jetstream = connection.jetstream()
  const bad = new Uint8Array(900_000).fill(0x78)
  for (let n = 0; n < BAD_COUNT; n++) {
    await publishUntilTaken(jetstream, 'pipeline.message.sent', bad)
    if (n % (BAD_COUNT / GOOD_COUNT) !== 0) continue
    const event = { tenantId: 'tenant-1', timestamp: Date.now(), data: { messageId: `m-${n}`, channel: 'email' } }
    await publishUntilTaken(jetstream, 'pipeline.message.sent', new TextEncoder().encode(JSON.stringify(event)))
  }
  const sent = async () => {
    const { body } = await service.get('/api/v1/analytics/overview')
    return (body?.data as { summary?: { totalMessagesSent?: number } } | undefined)?.summary?.totalMessagesSent
  }
  await until(async () => (await sent()) === GOOD_COUNT, 30_000, 'the good events to be counted')
  const metrics = (await service.get('/metrics')).text
  const valueOf = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)?.[1])
  expect(valueOf('analytics_events_dead_lettered_total\\{reason="invalid_json"\\}')).toBe(BAD_COUNT)
  await until(
    async () =>
      /^analytics_dead_letters_dropped_total [1-9]/m.test((await service.get('/metrics')).text) &&
      service.log().includes('the dead-letter stream is full and the oldest dead letters were dropped'),
    20_000,
    'the loss to be told of',
  )
  expect(valueOf('analytics_stream_limit_bytes\\{stream="EVENTS"\\}')).toBe(64 * MB)
  await connection.close()
  expect((await service.stop()).code).toBe(0)
  forget(service)
  await nats.stop()
}, 120_000)

/** Publishes with acknowledgements and retries, like a producer that loses no event. */
async function publishUntilTaken(jetstream: JetStreamClient, subject: string, data: Uint8Array): Promise<void> {
  await until(
    () =>
      jetstream.publish(subject, data).then(
        () => true,
        () => false,
      ),
    15_000,
    'the broker to take an event',
  )
}
