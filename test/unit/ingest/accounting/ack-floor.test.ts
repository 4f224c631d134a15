import { describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { AckFloor, type PendingDelivery } from '../../../../src/ingest/accounting/ack-floor.ts'

/** A floor that records the calls of `onAdvanced`. */
function fixture(start = 0) {
  const told: number[] = []
  const floor = new AckFloor((sequence) => told.push(sequence))
  if (start > 0) floor.restart(start)
  const open = (sequence: number) => floor.track({ sequence, publishedAt: sequence * 10, data: new Uint8Array(3) })
  return { floor, told, open }
}

const settle = (ticket: PendingDelivery | undefined) => {
  if (!ticket) throw new Error('There is no ticket.')
  ticket.settle()
}

describe('the acknowledgement floor', () => {
  test('waits for the oldest delivery, then moves over all that are settled', () => {
    const { floor, told, open } = fixture()
    const [first, second, third] = [open(3), open(5), open(9)]
    settle(second)
    settle(third)
    floor.advance()
    expect(told).toEqual([])
    expect(floor.oldestPublishedAt).toBe(30)
    settle(first)
    floor.advance()
    floor.advance()
    expect(told).toEqual([9])
    expect(floor.oldestPublishedAt).toBeUndefined()
  })

  test('does not track a redelivery, neither in flight nor settled', () => {
    const { floor, open } = fixture(10)
    expect(open(10)).toBeUndefined()
    settle(open(11))
    expect(open(11)).toBeUndefined()
    floor.advance()
    expect(open(11)).toBeUndefined()
    expect(open(12)?.sequence).toBe(12)
  })

  test('tracks deliveries after a restart again, and is not moved by earlier ones', () => {
    const { floor, told, open } = fixture()
    const stale = open(8)
    floor.restart(5)
    settle(stale)
    floor.advance()
    expect(told).toEqual([])
    const again = open(6)
    expect(floor.pendingCount).toBe(1)
    settle(again)
    floor.advance()
    expect(told).toEqual([6])
  })

  test('never passes an unsettled delivery, and never stays behind a settled one, in any order', () => {
    const step = fc.oneof(
      fc.record({ open: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ settle: fc.nat() }),
      fc.record({ advance: fc.constant(true) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const { floor, open: openTicket } = fixture()
        const tickets: PendingDelivery[] = []
        let sequence = 0
        for (const taken of steps) {
          if ('open' in taken) {
            const ticket = openTicket((sequence += taken.open))
            if (ticket) tickets.push(ticket)
          } else if ('settle' in taken) {
            const open = tickets.filter((ticket) => !ticket.isSettled)
            if (open.length > 0) settle(open[taken.settle % open.length])
          } else floor.advance()
          const firstOpen = tickets.findIndex((ticket) => !ticket.isSettled)
          if (firstOpen >= 0) expect(floor.floor).toBeLessThan(tickets[firstOpen]!.sequence)
          if (!('advance' in taken)) continue
          const settledBelow = tickets.slice(0, firstOpen < 0 ? tickets.length : firstOpen)
          expect(floor.floor).toBe(settledBelow.at(-1)?.sequence ?? 0)
          expect(floor.pendingCount).toBe(tickets.length - settledBelow.length)
        }
      }),
    )
  })

  test('stays exact over many thousands of deliveries', () => {
    const { floor, open } = fixture()
    for (let sequence = 1; sequence <= 10_000; sequence++) {
      const ticket = open(sequence)
      if (sequence % 1000 !== 0) settle(ticket)
      floor.advance()
    }
    expect(floor.floor).toBe(999)
    expect(floor.pendingCount).toBe(9_001)
  })
})
