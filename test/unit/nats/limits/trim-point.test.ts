import { describe, expect, test } from 'bun:test'
import type { ConsumerInfo, StreamState } from 'nats'
import { trimPoint as pointFor } from '../../../../src/nats/limits/trim-point.ts'

const MAX_BYTES = 1_000_000
/** A stream of messages of 100 bytes each. */
const stateOf = (first: number, last: number) =>
  ({ first_seq: first, last_seq: last, messages: last - first + 1, bytes: (last - first + 1) * 100 }) as StreamState

const trimPoint = (state: StreamState, maxBytes: number, consumers: readonly ConsumerInfo[]) =>
  pointFor(state, maxBytes, consumers, 'reader')

interface Place {
  readonly name?: string
  readonly settled: number
  readonly delivered?: number
  readonly pending?: number
  readonly config?: object
}
const consumer = ({ name = 'reader', settled, delivered = settled, pending = 0, config = {} }: Place) =>
  ({
    name,
    config: { ack_policy: 'all', ...config },
    ack_floor: { stream_seq: settled },
    delivered: { stream_seq: delivered },
    num_pending: pending,
    num_ack_pending: 0,
  }) as unknown as ConsumerInfo

describe('the event stream is trimmed', () => {
  test('not below three quarters of its limit', () => {
    const point = trimPoint(stateOf(1, 7_500), MAX_BYTES, [consumer({ settled: 7_500 })])
    expect(point).toEqual({ isDue: false, below: 1, blockedBy: undefined })
  })

  test('to half of its limit', () => {
    const point = trimPoint(stateOf(101, 8_100), MAX_BYTES, [consumer({ settled: 8_100 })])
    expect(point).toEqual({ isDue: true, below: 3_101, blockedBy: undefined })
  })

  test('never past what a consumer has settled, and with a distance of a quarter of the limit', () => {
    const consumers = [consumer({ settled: 8_000 }), consumer({ name: 'slow', settled: 3_000 })]
    const point = trimPoint(stateOf(1, 8_000), MAX_BYTES, consumers)
    expect(point).toEqual({ isDue: true, below: 501, blockedBy: 'slow' })
    expect(trimPoint(stateOf(1, 8_000), MAX_BYTES, [consumer({ settled: 1_000 })]).below).toBe(1)
  })

  test('not while the service’s consumer is missing, because it is being recreated', () => {
    const nothing = { isDue: true, below: 5, blockedBy: 'reader' }
    expect(trimPoint(stateOf(5, 9_000), MAX_BYTES, [])).toEqual(nothing)
    expect(trimPoint(stateOf(5, 9_000), MAX_BYTES, [consumer({ name: 'other', settled: 9_000 })])).toEqual(nothing)
  })

  test('not while a consumer has no leader and is listed without a name and position', () => {
    const config = { durable_name: 'other', filter_subject: 'campaign.started' }
    const consumers = [consumer({ settled: 8_000 }), consumer({ name: '', settled: 0, config })]
    expect(trimPoint(stateOf(1, 8_000), MAX_BYTES, consumers)).toEqual({ isDue: true, below: 1, blockedBy: 'other' })
  })

  test('past the position of a consumer of other subjects with nothing pending', () => {
    const config = { filter_subject: 'campaign.started' }
    expect(trimPoint(stateOf(1, 8_000), MAX_BYTES, [consumer({ settled: 2, config })]).below).toBe(3_001)
    expect(trimPoint(stateOf(1, 8_000), MAX_BYTES, [consumer({ settled: 2, pending: 1, config })]).below).toBe(1)
  })

  test('up to the last delivery of a consumer without acknowledgements', () => {
    const reading = consumer({ settled: 0, delivered: 8_000, config: { ack_policy: 'none' } })
    expect(trimPoint(stateOf(1, 8_000), MAX_BYTES, [reading]).below).toBe(3_001)
  })

  test('not without a limit', () => {
    expect(trimPoint(stateOf(1, 99_000), -1, [consumer({ settled: 99_000 })]).isDue).toBe(false)
  })
})
