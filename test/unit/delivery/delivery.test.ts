import { describe, expect, test } from 'bun:test'
import {
  afterAttempt,
  CLAIM_MS,
  claimed,
  type Delivery,
  handedOver,
  nextStep,
  pendingDelivery,
  reopened,
} from '../../../src/delivery/delivery.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const NOW = Date.parse('2026-11-29T08:00Z')
const pending = pendingDelivery('someone', NOW + 6 * HOUR_MS)

describe('a delivery', () => {
  test('is tried again after 1, 5, 30 and 120 minutes, and fails with the fifth failure', () => {
    let delivery: Delivery<string> = pending
    let now = NOW
    const delays: number[] = []
    while (nextStep(delivery, now).kind === 'claim') {
      delivery = afterAttempt(claimed(delivery, 'p1', now), { status: 'retry', error: '450 busy' }, now + 1)
      if (delivery.nextAttemptAt === undefined) break
      expect(nextStep(delivery, delivery.nextAttemptAt - 1)).toEqual({ kind: 'wait', until: delivery.nextAttemptAt })
      delays.push(delivery.nextAttemptAt - now - 1)
      now = delivery.nextAttemptAt
    }
    expect(delays.map((delay) => delay / MINUTE_MS)).toEqual([1, 5, 30, 120])
    expect(delivery).toMatchObject({ status: 'failed', attempts: 5, error: '450 busy' })
    // The receiving side has not refused it for good.
    expect(delivery.isPermanent).toBeUndefined()
  })

  test('that begins too late is missed', () => {
    expect(nextStep(pending, pending.startBy)).toEqual({ kind: 'claim' })
    expect(nextStep(pending, pending.startBy + 1)).toMatchObject({ kind: 'settle', delivery: { status: 'missed' } })
  })

  test('whose retry is hours late has failed', () => {
    const retrying = afterAttempt(claimed(pending, 'p1', NOW), { status: 'retry', error: 'x' }, NOW)
    const { nextAttemptAt = 0 } = retrying
    expect(nextStep(retrying, nextAttemptAt + 6 * HOUR_MS)).toEqual({ kind: 'claim' })
    expect(nextStep(retrying, nextAttemptAt + 6 * HOUR_MS + 1)).toMatchObject({
      kind: 'settle',
      delivery: { status: 'failed' },
    })
  })

  test('whose sender has ended is unknown, and nothing happens to it any more', () => {
    const sending = handedOver(claimed(pending, 'p1', NOW - 1), NOW)
    expect(nextStep(sending, NOW + CLAIM_MS - 1)).toEqual({ kind: 'wait', until: NOW + CLAIM_MS })
    const step = nextStep(sending, NOW + CLAIM_MS)
    expect(step).toMatchObject({ kind: 'settle', delivery: { status: 'unknown', attempts: 1 } })
    if (step.kind === 'settle') expect(nextStep(step.delivery, NOW + 1e12)).toEqual({ kind: 'none' })
  })

  test('whose sender has ended before it sent anything is begun again, four times at most', () => {
    let preparing = claimed(pending, 'p1', NOW)
    expect(nextStep(preparing, NOW + CLAIM_MS - 1)).toEqual({ kind: 'wait', until: NOW + CLAIM_MS })
    expect(nextStep(preparing, NOW + CLAIM_MS)).toEqual({ kind: 'claim' })
    expect(nextStep(preparing, NOW + CLAIM_MS + 6 * HOUR_MS + 1)).toMatchObject({ delivery: { status: 'failed' } })
    for (const owner of ['p2', 'p3', 'p4', 'p5']) preparing = claimed(preparing, owner, NOW)
    expect(nextStep(preparing, NOW + CLAIM_MS)).toMatchObject({
      kind: 'settle',
      delivery: { status: 'failed', attempts: 5 },
    })
  })

  test.each(['sent', 'failed', 'unknown', 'skipped'] as const)('that is %s is settled', (status) => {
    const settled = afterAttempt(claimed(pending, 'p1', NOW), { status, error: 'why' }, NOW)
    expect(settled.status).toBe(status)
    expect(nextStep(settled, NOW + 1e12)).toEqual({ kind: 'none' })
  })

  test('that is sent again counts as another sending only when it was sent', () => {
    const after = (status: 'sent' | 'unknown') =>
      reopened(afterAttempt(claimed(pending, 'p1', NOW), { status, error: '' }, NOW), 'p2', NOW)
    expect(after('sent')).toMatchObject({ status: 'sending', attempts: 1, resends: 1, sendings: 1 })
    expect(after('unknown')).toMatchObject({ status: 'sending', attempts: 1, resends: 1, sendings: 0 })
  })
})
