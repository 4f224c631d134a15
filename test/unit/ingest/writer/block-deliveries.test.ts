import { describe, expect, test } from 'bun:test'
import { AckFloor } from '../../../../src/ingest/accounting/ack-floor.ts'
import { Ledger } from '../../../../src/ingest/accounting/ledger.ts'
import type { Delivery } from '../../../../src/ingest/ports.ts'
import { BlockDeliveries } from '../../../../src/ingest/writer/block-deliveries.ts'
import { deliveryOf } from '../../../support/ingest/event-samples.ts'

function fixture() {
  const floors: number[] = []
  const floor = new AckFloor((sequence) => floors.push(sequence))
  const account = new Ledger().accountOf('t1')
  const deliveries = new BlockDeliveries()
  const add = (...added: Delivery[]) => {
    for (const delivery of added) deliveries.add({ delivery, pending: floor.track(delivery)!, account })
  }
  return { floor, floors, account, deliveries, add }
}

const replayed: Partial<Delivery> = {
  messageId: 'key',
  origin: { stream: 'OTHER', sequence: 9, storedAt: 5 },
  headers: new Map([['Nats-Msg-Id', ['key']]]),
}

describe('the deliveries of a block', () => {
  test('are those that were added, also when the memory of their messages has other contents', () => {
    const { deliveries, add, account } = fixture()
    const other = { stream: 'OTHER', sequence: 2, storedAt: 7 }
    const added = [
      deliveryOf(1, 'first'),
      deliveryOf(2, 'second', { stream: 'OTHER', publishedAt: 7, place: other, origin: other }),
      deliveryOf(3, '', { subject: 'pipeline.message.opened' }),
      deliveryOf(4, 'fourth', replayed),
      deliveryOf(5, 'y'.repeat(1_000_000)),
      ...Array.from({ length: 40 }, (_, index) => deliveryOf(6 + index, `${index} `.repeat(1_000 * (index % 15)))),
    ]
    const expected = added.map((delivery) => ({ ...delivery, data: delivery.data.slice() }))
    add(...added)
    // The long message and the one with headers are kept as they are.
    for (const [row, { data }] of added.entries()) if (row !== 3 && row !== 4) data.fill(0)
    expect(expected.map((_, row) => deliveries.at(row).delivery)).toEqual(expected)
    expect(deliveries.at(3).account).toBe(account)
  })

  test('are settled at their floor, each once, and also after the floor has restarted', () => {
    const { deliveries, add, floor, floors } = fixture()
    add(deliveryOf(1), deliveryOf(2), deliveryOf(3))
    const settle = (...rows: number[]) => {
      for (const { pending } of deliveries.of(rows)) pending.settle()
      floor.advance()
    }
    settle(1)
    expect([floors, [0, 1, 2].map((row) => deliveries.isInFlight(row))]).toEqual([[], [true, false, true]])
    settle(0)
    expect([floors, [0, 1, 2].map((row) => deliveries.isInFlight(row))]).toEqual([[2], [false, false, true]])
    floor.restart(2)
    add(deliveryOf(3))
    settle(2)
    expect([floors, deliveries.isInFlight(2), deliveries.isInFlight(3)]).toEqual([[2], false, true])
    settle(3)
    expect(floors).toEqual([2, 3])
  })

  test('are no longer in flight here when the store refuses their rows', () => {
    const { deliveries, add } = fixture()
    add(deliveryOf(1), deliveryOf(2))
    deliveries.refuse(0)
    expect([deliveries.isInFlight(0), deliveries.isInFlight(1)]).toEqual([false, true])
  })

  test('of a block that is used again are the new ones only', () => {
    const { deliveries, add } = fixture()
    add(deliveryOf(1, 'first'), deliveryOf(2, 'second', replayed))
    deliveries.refuse(0)
    deliveries.clear()
    const added = [deliveryOf(3, 'third', { subject: 'pipeline.message.opened' }), deliveryOf(4, 'fourth')]
    add(...added)
    expect(deliveries.length).toBe(2)
    expect(added.map((_, row) => deliveries.at(row).delivery)).toEqual(added)
    expect(deliveries.isInFlight(0)).toBe(true)
  })
})
