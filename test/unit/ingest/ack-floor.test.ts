import { describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { AckFloor, type Ticket } from '../../../src/ingest/ack-floor.ts'

const settle = (ticket: Ticket | undefined) => {
  if (!ticket) throw new Error('There is no ticket.')
  ticket.isSettled = true
}

describe('the floor', () => {
  test('waits for the oldest delivery, then moves over all that settled meanwhile', () => {
    const floor = new AckFloor()
    const [first, second, third] = [floor.open(3), floor.open(5), floor.open(9)]
    settle(second)
    settle(third)
    expect(floor.advance()).toBeUndefined()
    settle(first)
    expect(floor.advance()).toBe(9)
    expect(floor.advance()).toBeUndefined()
  })

  test('gives a redelivery no ticket, while it is open and after', () => {
    const floor = new AckFloor(10)
    expect(floor.open(10)).toBeUndefined()
    settle(floor.open(11))
    expect(floor.open(11)).toBeUndefined()
    floor.advance()
    expect(floor.open(11)).toBeUndefined()
    expect(floor.open(12)?.sequence).toBe(12)
  })

  test('takes deliveries from behind a restart again, and is not moved by tickets of before', () => {
    const floor = new AckFloor()
    const stale = floor.open(8)
    floor.restart(5)
    settle(stale)
    expect(floor.advance()).toBeUndefined()
    const again = floor.open(6)
    expect(floor.openCount).toBe(1)
    settle(again)
    expect(floor.advance()).toBe(6)
  })

  test('never passes an unsettled ticket, and never stays behind a settled one, in any order of events', () => {
    const step = fc.oneof(
      fc.record({ open: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ settle: fc.nat() }),
      fc.record({ advance: fc.constant(true) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const floor = new AckFloor()
        const tickets: Ticket[] = []
        let sequence = 0
        for (const taken of steps) {
          if ('open' in taken) {
            const ticket = floor.open((sequence += taken.open))
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
          expect(floor.openCount).toBe(tickets.length - settledBelow.length)
        }
      }),
    )
  })

  test('stays exact over many thousand deliveries', () => {
    const floor = new AckFloor()
    for (let sequence = 1; sequence <= 10_000; sequence++) {
      const ticket = floor.open(sequence)
      if (sequence % 1000 !== 0) settle(ticket)
      floor.advance()
    }
    expect(floor.floor).toBe(999)
    expect(floor.openCount).toBe(9_001)
  })
})
