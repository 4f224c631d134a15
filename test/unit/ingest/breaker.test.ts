import { describe, expect, test } from 'bun:test'
import { envelope, NOW } from '../../support/event-samples.ts'
import { stage } from '../../support/ingest-stage.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { silentLogger } from '../../support/silent-logger.ts'
import { Breaker } from '../../../src/ingest/breaker.ts'

function breakerOf(windowEvents: number) {
  const clock = new ManualClock(NOW)
  let closed = 0
  const breaker = new Breaker({ windowEvents, clock, logger: silentLogger, onClosed: () => closed++ })
  return { breaker, clock, closedCount: () => closed }
}

describe('the breaker', () => {
  test('trips when 95 in 100 of a whole window are rejected, not before and not at fewer', () => {
    const { breaker } = breakerOf(100)
    breaker.judge(true, 94)
    breaker.judge(false, 6)
    expect(breaker.isTripped).toBe(false)
    breaker.judge(true, 99)
    expect(breaker.isTripped).toBe(false)
    breaker.judge(true, 1)
    expect([breaker.isTripped, breaker.admittedEvents]).toEqual([true, 0])
  })

  test('tries a few events after a pause, and pauses longer while those are rejected too', async () => {
    const { breaker, clock, closedCount } = breakerOf(10_000)
    breaker.judge(true, 10_000)
    for (const pauseMs of [5_000, 10_000, 20_000, 30_000, 30_000]) {
      await clock.advance(pauseMs - 1)
      expect(breaker.admittedEvents).toBe(0)
      await clock.advance(1)
      expect([breaker.admittedEvents, breaker.isTripped]).toEqual([1_000, true])
      breaker.judge(true, 1_000)
    }
    expect(closedCount()).toBe(5)
  })

  test('goes on as usual after a trial that went well, and counts a new window from there', async () => {
    const { breaker, clock } = breakerOf(2_000)
    breaker.judge(true, 2_000)
    await clock.advance(5_000)
    breaker.judge(true, 500)
    breaker.judge(false, 500)
    expect([breaker.isTripped, breaker.admittedEvents]).toEqual([false, Infinity])
    breaker.judge(true, 1_999)
    expect(breaker.isTripped).toBe(false)
  })

  test('never trips when it is switched off', () => {
    const { breaker } = breakerOf(0)
    breaker.judge(true, 1_000_000)
    expect([breaker.isTripped, breaker.admittedEvents]).toEqual([false, Infinity])
  })
})

test('ingestion takes nothing while the breaker is open, loses nothing, and reaches what follows the flood', async () => {
  const { clock, store, letters, source, ingestion, handler, deliver } = await stage({ breakerEvents: 50 })
  let sequence = 0
  for (; sequence < 50;) await deliver(++sequence, 'no json')
  expect([ingestion.isTripped, handler.capacity().events]).toEqual([true, 0])
  const wakes = source.wakeCount
  await clock.advance(5_000)
  expect(source.wakeCount).toBeGreaterThan(wakes)
  expect(handler.capacity().events).toBe(50)
  for (let good = 0; good < 50; good++) await deliver(++sequence, envelope({}, { eventId: `e${good}` }))
  await clock.advance(1_000)
  expect([ingestion.isTripped, handler.capacity().events]).toEqual([false, 1_000])
  expect([letters.letters.length, store.rows.length, source.acknowledged.at(-1)]).toEqual([50, 50, 100])
})
