import { expect, test } from 'bun:test'
import type { ConsumerInfo, StreamInfo } from 'nats'
import { StallDetector } from '../../../src/nats/stall-detector.ts'

const consumer = (deliveredUpTo: number, waiting = 0, config = {}): ConsumerInfo =>
  ({ config, delivered: { stream_seq: deliveredUpTo }, num_pending: waiting }) as ConsumerInfo
const stream = (lastSequence: number, messages = 1, isClustered = true): StreamInfo =>
  ({
    state: { last_seq: lastSequence, messages },
    ...(isClustered ? { cluster: { leader: 'member-0' } } : {}),
  }) as StreamInfo

/** At which of so many looks, counted from 1, it is noticed. */
function alarms(looks: number, look: (detector: StallDetector, at: number) => boolean): number[] {
  const detector = new StallDetector()
  return Array.from({ length: looks }, (_, at) => (look(detector, at) ? at + 1 : 0)).filter((at) => at > 0)
}

/** After a leader was killed, 391 acknowledged events lay in the stream and the consumer, led by a server without them, said that nothing waits: for ever. */
test('a consumer that has nothing while its stream goes on is noticed, and ever more rarely when that helps nothing', () => {
  expect(alarms(40, (detector) => detector.isStalled(consumer(144_126), stream(144_517)))).toEqual([5, 15, 35])
})

test('an end of the stream that is new begins anew', () => {
  expect(alarms(40, (detector, at) => detector.isStalled(consumer(1), stream(10 + at)))).toEqual([])
  expect(alarms(20, (detector, at) => detector.isStalled(consumer(1), stream(at < 10 ? 10 : 11)))).toEqual([5, 15])
})

test.each([
  ['everything is delivered', consumer(10), stream(10)],
  ['messages wait', consumer(5, 5), stream(10)],
  ['the rest may be of other subjects', consumer(5, 0, { filter_subjects: ['campaign.*'] }), stream(10)],
  ['the stream is empty', consumer(5), stream(10, 0)],
  ['there is one server only', consumer(5), stream(10, 1, false)],
])('nothing is noticed where %s', (_, info, state) => {
  expect(alarms(40, (detector) => detector.isStalled(info, state))).toEqual([])
})
