import { expect, test } from 'bun:test'
import { connect } from 'nats'
import { systemClock } from '../../../src/base/clock.ts'
import { type RecordedProgress, ProgressRecord } from '../../../src/nats/consumer/progress-record.ts'
import { PROGRESS_BUCKET } from '../../../src/nats/names.ts'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { keepingLogger } from '../../support/base/silent-logger.ts'
import { until } from '../../support/process/until.ts'

const settledAt = (sequence: number): RecordedProgress => ({
  stream: 'EVENTS',
  streamCreated: '2026-01-01T00:00:00Z',
  consumerCreated: '2026-01-01T00:00:01Z',
  sequence,
  consumerSequence: sequence,
})

test('progress that could not be written is written later, without further settled messages', async () => {
  const server = await startNatsServer()
  const connection = await connect({ servers: server.url })
  const jsm = await connection.jetstreamManager()
  const logger = keepingLogger()
  const record = new ProgressRecord({ connection, durable: 'analytics', clock: systemClock, logger })
  const written = (sequence: number) => until(async () => (await record.read())?.sequence === sequence, 20_000)

  record.save(settledAt(1))
  await written(1)
  await jsm.streams.delete(`KV_${PROGRESS_BUCKET}`)
  record.save(settledAt(2), { isImmediate: true })
  await written(2)
  expect(logger.lines.map(({ message }) => message)).toContain('the progress record cannot be written')

  record.writeImmediately()
  await connection.close()
  await server.stop()
}, 60_000)
