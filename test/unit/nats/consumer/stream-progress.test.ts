/** A consumer with a filter: the broker of the tests knows only one filter subject, which the live consumer never has. */
import { expect, test } from 'bun:test'
import type { ConsumerInfo, JetStreamManager, StreamInfo } from 'nats'
import type { RecordedProgress } from '../../../../src/nats/consumer/progress-record.ts'
import { type MissingCause, StreamProgress } from '../../../../src/nats/consumer/stream-progress.ts'
import { silentLogger } from '../../../support/base/silent-logger.ts'

const stream = (first: number, last: number): StreamInfo =>
  ({
    config: { name: 'EVENTS' },
    created: '2026-01-01T00:00:00Z',
    state: { messages: last - first + 1, first_seq: first, last_seq: last },
  }) as StreamInfo

/** A consumer that was given `count` deliveries, the last of them `sequence`, all of them acknowledged; `waiting` more are for it. */
const consumer = (count: number, sequence: number, waiting = 0): ConsumerInfo =>
  ({
    created: '2026-01-01T00:00:01Z',
    config: { filter_subjects: ['campaign.*'] },
    delivered: { consumer_seq: count, stream_seq: sequence },
    ack_floor: { consumer_seq: count, stream_seq: sequence },
    num_pending: waiting,
    num_ack_pending: 0,
  }) as ConsumerInfo

async function begun(before?: RecordedProgress) {
  let recorded: RecordedProgress | undefined = before
  const missing: Record<MissingCause, number> = { expired: 0, deleted: 0 }
  const progress = new StreamProgress({
    record: { read: async () => recorded, save: (saved) => (recorded = saved), writeImmediately() {} },
    logger: silentLogger,
    onMissing: (count, cause) => (missing[cause] += count),
  })
  // With a filter nothing is looked up in the stream.
  const look = (...[state, info]: [StreamInfo, ConsumerInfo?]) => progress.examine({} as JetStreamManager, state, info)
  return { progress, missing, look, recorded: () => recorded }
}

test('messages of other subjects that are removed while nothing is pending are not missing, neither now nor after a restart', async () => {
  const { progress, missing, look, recorded } = await begun()
  expect(await progress.begin(stream(1, 0), undefined, undefined)).toBe(0)
  progress.recordBound(stream(1, 0), consumer(0, 0), 0)
  progress.recordDelivered(1)
  progress.recordSettled(1, 1)
  await look(stream(1, 500), consumer(1, 1))
  await look(stream(1, 600), consumer(1, 1))
  await look(stream(500, 700), consumer(1, 1))
  progress.recordDelivered(701)
  await look(stream(550, 701), consumer(2, 701))
  expect(missing).toEqual({ expired: 0, deleted: 0 })
  const next = await begun(recorded())
  expect(await next.progress.begin(stream(600, 900), consumer(2, 701), undefined)).toBe(701)
  next.progress.recordBound(stream(600, 900), consumer(2, 701), 701)
  await next.look(stream(600, 900), consumer(2, 701))
  expect(next.missing).toEqual({ expired: 0, deleted: 0 })
})

test('messages that are removed from the start of the stream while events are pending are counted, including those of other subjects', async () => {
  const { progress, missing, look } = await begun()
  await progress.begin(stream(1, 0), undefined, undefined)
  progress.recordBound(stream(1, 0), consumer(0, 0), 0)
  await look(stream(1, 100), consumer(0, 0, 10))
  await look(stream(41, 100), consumer(0, 0, 6))
  expect(missing).toEqual({ expired: 40, deleted: 0 })
})
