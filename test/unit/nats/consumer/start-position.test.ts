import { expect, test } from 'bun:test'
import type { StreamInfo } from 'nats'
import { StartPosition } from '../../../../src/nats/consumer/start-position.ts'
import { keepingLogger } from '../../../support/base/silent-logger.ts'

const FIRST = '2026-01-01T00:00:00Z'
const LATER = '2026-01-02T00:00:00Z'

function stream(created: string, lastSequence: number, isClustered = false): StreamInfo {
  const cluster = isClustered ? { cluster: { name: 'test', leader: 'member-0' } } : {}
  return { config: { name: 'EVENTS' }, created, state: { last_seq: lastSequence }, ...cluster } as StreamInfo
}

test('deliveries start after the last settled message', () => {
  const point = new StartPosition(keepingLogger())
  expect(point.resolve(stream(FIRST, 100), 40)).toBe(40)
  point.recordStream(stream(FIRST, 100))
  expect(point.resolve(stream(FIRST, 100), 100)).toBe(100)
})

test('a stream with another creation time is consumed from its start, until it is recorded', () => {
  const logger = keepingLogger()
  const point = new StartPosition(logger)
  point.recordStream(stream(FIRST, 100))
  expect(point.resolve(stream(LATER, 500), 40)).toBe(0)
  expect(point.resolve(stream(LATER, 500), 40)).toBe(0)
  expect(logger.lines.map(({ level }) => level)).toEqual(['error', 'error'])
  point.recordStream(stream(LATER, 500))
  expect(point.resolve(stream(LATER, 500), 40)).toBe(40)
})

/** A new leader that had not applied all of its log yet would have had the whole stream read again. */
test('a clustered stream that ends too early is read again until its leader has caught up', () => {
  const logger = keepingLogger()
  const point = new StartPosition(logger)
  point.recordStream(stream(FIRST, 100, true))
  for (let look = 0; look < 3; look++)
    expect(() => point.resolve(stream(FIRST, 90, true), 100)).toThrow('its leader has not caught up yet')
  expect(point.resolve(stream(FIRST, 100, true), 100)).toBe(100)
  expect(logger.lines).toEqual([])
})

test('a stream that stays too short was restored and is consumed from its start', () => {
  const point = new StartPosition(keepingLogger())
  const looks = Array.from({ length: 30 }, () => {
    try {
      return point.resolve(stream(FIRST, 90, true), 100)
    } catch {
      return undefined
    }
  })
  expect(looks.filter((behind) => behind !== undefined)).toContain(0)
  expect(new StartPosition(keepingLogger()).resolve(stream(FIRST, 90), 100)).toBe(0)
})
