import { describe, expect, test } from 'bun:test'
import { NOW } from '../../../support/ingest/event-samples.ts'
import { ManualClock } from '../../../support/base/manual-clock.ts'
import type { LogFields } from '../../../../src/base/logger.ts'
import { AggregatedLog } from '../../../../src/ingest/sinks/aggregated-log.ts'

function logOf() {
  const clock = new ManualClock(NOW)
  const closed = new AbortController()
  const lines: LogFields[] = []
  const log = new AggregatedLog({ clock, signal: closed.signal, write: (fields) => lines.push(fields) })
  let sequence = 0
  const add = (tenantId: string, reason: string, count = 1) => {
    for (let i = 0; i < count; i++) log.add(tenantId, reason, { reason, sequence: ++sequence })
  }
  const told = () => lines.map(({ tenantId, reason, count }) => [tenantId, reason, count])
  return { clock, lines, add, told, close: () => closed.abort() }
}

describe('an aggregated log', () => {
  test('logs the first addition of a tenant and topic at once', () => {
    const { lines, add } = logOf()
    add('t1', 'expired_timestamp', 3)
    expect(lines).toEqual([{ tenantId: 't1', reason: 'expired_timestamp', sequence: 1, count: 1 }])
  })

  test('logs the others as a count every ten seconds, and the counts add up', async () => {
    const { clock, add, told } = logOf()
    add('t1', 'expired_timestamp', 60_000)
    add('t2', 'expired_timestamp')
    add('t1', 'unknown_channel', 2)
    await clock.advance(10_000)
    add('t1', 'expired_timestamp', 5)
    await clock.advance(10_000)
    expect(told()).toEqual([
      ['t1', 'expired_timestamp', 1],
      ['t2', 'expired_timestamp', 1],
      ['t1', 'unknown_channel', 1],
      ['t1', 'expired_timestamp', 59_999],
      ['t1', 'unknown_channel', 1],
      ['t1', 'expired_timestamp', 5],
    ])
  })

  test('removes a pair without additions in an interval, and keeps no timer', async () => {
    const { clock, add, told } = logOf()
    add('t1', 'invalid_json')
    await clock.advance(10_000)
    expect(clock.timerCount).toBe(0)
    add('t1', 'invalid_json')
    expect(told()).toHaveLength(2)
  })

  test('holds a bounded number of tenants: the others share a line per topic', async () => {
    const { clock, lines, add } = logOf()
    for (let tenant = 0; tenant < 10_000; tenant++) add(`t${tenant}`, 'invalid_timestamp')
    await clock.advance(10_000)
    expect(lines.length).toBe(202)
    const counts = lines.map(({ count }) => Number(count))
    expect(counts.reduce((sum, count) => sum + count)).toBe(10_000)
    expect(lines.at(-1)).toMatchObject({ tenantId: 'multi', count: 9_799 })
  })

  test('logs the remaining counts when it is closed', () => {
    const { clock, add, told, close } = logOf()
    add('t1', 'invalid_json', 3)
    close()
    expect(told()).toEqual([
      ['t1', 'invalid_json', 1],
      ['t1', 'invalid_json', 2],
    ])
    expect(clock.timerCount).toBe(0)
  })
})
