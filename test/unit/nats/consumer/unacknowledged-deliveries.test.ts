import { describe, expect, test } from 'bun:test'
import type { Msg, NatsConnection } from 'nats'
import { fc } from '../../../support/base/properties.ts'
import { readDelivery } from '../../../../src/nats/consumer/delivery.ts'
import { UnacknowledgedDeliveries } from '../../../../src/nats/consumer/unacknowledged-deliveries.ts'

const deliveryWith = (reply: string) =>
  readDelivery({ subject: 'pipeline.message.sent', data: new Uint8Array(), reply } as unknown as Msg)!

function fixture() {
  const published: string[] = []
  const connection = {
    isClosed: () => false,
    publish: (subject: string) => published.push(subject),
  } as unknown as NatsConnection
  const deliveries = new UnacknowledgedDeliveries()
  return { deliveries, published, connection }
}

const REPLY = '$JS.ACK.EVENTS.analytics.1.7.9.1700000000123000045.3'
const DOMAIN_REPLY = '$JS.ACK.hub.account.EVENTS.analytics.2.8.10.1700000000123456789.2.token'

describe('the reply subject of a delivery', () => {
  test('has its position, with and without a domain', () => {
    expect(deliveryWith(REPLY)).toMatchObject({
      stream: 'EVENTS',
      sequence: 7,
      consumerSequence: 9,
      publishedAt: 1_700_000_000_123,
      pending: 3,
    })
    expect(deliveryWith(DOMAIN_REPLY)).toMatchObject({
      stream: 'EVENTS',
      sequence: 8,
      consumerSequence: 10,
      publishedAt: 1_700_000_000_123,
      pending: 2,
    })
  })

  test.each(['', '_INBOX.a.b', '$JS.ACK.EVENTS.analytics.1.7'])('is none of a consumer: %p', (reply) => {
    expect(deliveryWith(reply)).toBeUndefined()
  })
})

describe('unacknowledged deliveries', () => {
  test('are acknowledged on the reply subject that they came with, the last one or each', () => {
    const prefix = fc.constantFrom('$JS.ACK.EVENTS.analytics.', '$JS.ACK.OTHER.analytics.')
    const delivery = fc.record({
      prefix,
      step: fc.integer({ min: 1, max: 3 }),
      count: fc.integer({ min: 1, max: 12 }),
      nanoseconds: fc.integer({ min: 0, max: 999_999 }),
      hasDomain: fc.boolean(),
      isAcknowledged: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(delivery, { maxLength: 60 }), fc.boolean(), (steps, isQueue) => {
        const { deliveries, published, connection } = fixture()
        let open: { sequence: number; consumerSequence: number; reply: string }[] = []
        let sequence = 0
        for (const [index, step] of steps.entries()) {
          sequence += step.step
          const numbers = `${step.count}.${sequence}.${index + 1}.1700000000123${String(step.nanoseconds).padStart(6, '0')}.5`
          const reply = step.hasDomain ? `$JS.ACK.hub.account.EVENTS.analytics.${numbers}.x` : step.prefix + numbers
          open.push({ sequence, consumerSequence: index + 1, reply })
          deliveries.add(deliveryWith(reply))
          deliveries.add(deliveryWith(reply))
          if (!step.isAcknowledged) continue
          const upTo = sequence - (index % 4)
          const expected = open.filter((each) => each.sequence <= upTo)
          open = open.filter((each) => each.sequence > upTo)
          published.length = 0
          const { sequences, lastConsumerSequence } = deliveries.acknowledge(upTo, connection, isQueue)
          expect(sequences).toEqual(expected.map((each) => each.sequence))
          if (expected.length > 0) expect(lastConsumerSequence).toBe(expected.at(-1)!.consumerSequence)
          expect(published).toEqual(expected.slice(isQueue ? 0 : -1).map((each) => each.reply))
        }
      }),
    )
  })

  test('are none after they were cleared', () => {
    const { deliveries, published, connection } = fixture()
    deliveries.add(deliveryWith(REPLY))
    deliveries.add(deliveryWith(DOMAIN_REPLY))
    deliveries.clear()
    expect(deliveries.acknowledge(100, connection, true).sequences).toEqual([])
    deliveries.add(deliveryWith(REPLY))
    expect(deliveries.acknowledge(100, connection, true).sequences).toEqual([7])
    expect(published).toEqual([REPLY])
  })
})
