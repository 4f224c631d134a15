import { expect, test } from 'bun:test'
import { NOW } from '../../support/ingest/event-samples.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'
import { Quotas } from '../../../src/ingest/quotas.ts'

function fixture(eventsPerSecond: number, byTenant: Record<string, number> = {}) {
  const clock = new ManualClock(NOW)
  const quotas = new Quotas({ eventsPerSecond, byTenant: new Map(Object.entries(byTenant)), clock })
  const admitted = (tenant: string, tries: number) =>
    Array.from({ length: tries }, () => quotas.admits(tenant)).filter(Boolean).length
  return { clock, quotas, admitted }
}

test('a tenant stores at its rate, with a burst of two seconds after idle time; other tenants are unaffected', () => {
  const { admitted } = fixture(10)
  expect(admitted('a', 100)).toBe(20)
  expect(admitted('b', 5)).toBe(5)
})

test('while a tenant has deferred events, new ones are deferred behind them; deferred ones are processed at the rate', async () => {
  const { clock, quotas, admitted } = fixture(10)
  admitted('a', 21)
  await clock.advance(1_000)
  expect(admitted('a', 5)).toBe(0)
  expect(quotas.available('a')).toBe(10)
  quotas.spend('a')
  expect(quotas.available('a')).toBe(9)
  quotas.setDeferred('a', false)
  expect(admitted('a', 100)).toBe(9)
})

test('a rate of 0 is no limit, for all tenants or for one', () => {
  const { quotas, admitted } = fixture(0, { limited: 1 })
  expect(admitted('free', 10_000)).toBe(10_000)
  expect(quotas.available('free')).toBe(Infinity)
  expect(admitted('limited', 10)).toBe(2)
  expect(fixture(5, { vip: 0 }).admitted('vip', 1_000)).toBe(1_000)
})

test('the buckets of idle tenants are removed, without more tokens for any tenant', async () => {
  const { clock, quotas, admitted } = fixture(1)
  for (let tenant = 0; tenant < 30_000; tenant++) {
    expect(quotas.admits(`t${tenant}`)).toBe(true)
    if (tenant % 1_000 === 0) await clock.advance(1_000)
  }
  expect(admitted('t29999', 10)).toBe(1)
})
