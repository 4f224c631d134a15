import { expect, test } from 'bun:test'
import type { ConsumerInfo } from 'nats'
import { StallDetector } from '../../../../src/nats/old-servers/stall-detector.ts'

const consumer = (deliveredUpTo: number, waiting = 0): ConsumerInfo =>
  ({ delivered: { stream_seq: deliveredUpTo }, num_pending: waiting }) as ConsumerInfo

/** At which of so many looks, counted from 1, it is noticed. */
function alarms(looks: number, look: (detector: StallDetector, at: number) => boolean): number[] {
  const detector = new StallDetector()
  return Array.from({ length: looks }, (_, at) => (look(detector, at) ? at + 1 : 0)).filter((at) => at > 0)
}

/** After a leader was killed, 391 acknowledged events lay in the stream and the consumer, led by a server without them, said that nothing waits: for ever. */
test('a consumer with nothing pending before the end of its stream is stalled, and reported less often while that does not help', () => {
  expect(alarms(40, (detector) => detector.isStalled(consumer(144_126), 144_517))).toEqual([5, 15, 35])
})

test('a new end of the stream restarts the count', () => {
  expect(alarms(40, (detector, at) => detector.isStalled(consumer(1), 10 + at))).toEqual([])
  expect(alarms(20, (detector, at) => detector.isStalled(consumer(1), at < 10 ? 10 : 11))).toEqual([5, 15])
})

test.each([
  ['everything is delivered', consumer(10), 10],
  ['messages wait', consumer(5, 5), 10],
  ['there is nothing that it is for', consumer(5), 0],
])('nothing is noticed where %s', (_, info, wanted) => {
  expect(alarms(40, (detector) => detector.isStalled(info, wanted))).toEqual([])
})
