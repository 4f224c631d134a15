import { expect, test } from 'bun:test'
import { InFlightBudget, ingestLimits } from '../../../../src/ingest/accounting/in-flight-budget.ts'

const MB = 1_048_576

test('all limits follow from the memory budget and the duration of a flush', () => {
  const limits = ingestLimits(128 * MB, 500, MB)
  expect(limits.maxBytes).toBe(64 * MB)
  expect(limits.maxEvents).toBe(Math.floor((64 * MB) / 600))
  expect(limits.ackWaitMs).toBeGreaterThanOrEqual(3 * 500)
  expect(ingestLimits(256 * MB, 500, MB).maxEvents).toBeGreaterThan(limits.maxEvents)
  expect(ingestLimits(128 * MB, 60_000, MB).ackWaitMs).toBeGreaterThanOrEqual(3 * 60_000)
})

test('a broker with larger messages raises the limit of bytes, as the largest could never be pulled otherwise', () => {
  expect(ingestLimits(16 * MB, 500, 64 * MB).maxBytes).toBe(128 * MB)
})

test('capacity ends with the events or the bytes, whichever are used up first', () => {
  const budget = new InFlightBudget({ maxEvents: 3, maxBytes: 100, ackWaitMs: 1 })
  expect([budget.availableBytes, budget.usedRatio]).toEqual([100, 0])
  budget.reserve(90)
  expect([budget.availableBytes, budget.usedRatio]).toEqual([10, 0.9])
  budget.reserve(90)
  expect(budget.availableBytes).toBe(0)
  budget.release(90)
  budget.release(90)
  for (let event = 0; event < 3; event++) budget.reserve(1)
  expect([budget.availableBytes, budget.usedRatio]).toEqual([0, 1])
})
