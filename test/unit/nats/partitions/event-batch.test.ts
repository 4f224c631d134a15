import { describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import type { Delivery } from '../../../../src/ingest/ports.ts'
import { decodeBatch, encodeBatch } from '../../../../src/nats/partitions/event-batch.ts'
import { denseText } from '../../../support/traffic/dense-text.ts'
import { deliveryOf } from '../../../support/ingest/event-samples.ts'

const MAX_BYTES = 1_048_576

const places = fc.record({ stream: fc.stringMatching(/^[A-Z]{1,9}$/), sequence: fc.nat(), storedAt: fc.nat() })
const delivery: fc.Arbitrary<Delivery> = fc
  .record({
    subject: fc.stringMatching(/^[a-z.]{1,20}$/),
    data: fc.uint8Array({ maxLength: 300 }),
    place: places,
    origin: fc.option(places, { nil: undefined }),
    messageId: fc.option(fc.string(), { nil: undefined }),
    headers: fc.dictionary(
      fc.stringMatching(/^[A-Za-z-]{1,9}$/),
      fc.array(fc.string(), { minLength: 1, maxLength: 2 }),
    ),
  })
  .map(({ origin, headers, ...fields }) =>
    deliveryOf(1, '', { ...fields, origin: origin ?? fields.place, headers: new Map(Object.entries(headers)) }),
  )

/** The fields of a delivery that a batch contains. */
const keptOf = ({ subject, data, place, origin, messageId, headers }: Omit<Delivery, 'stream' | 'sequence'>) => ({
  ...{ subject, place, origin, messageId },
  data: [...data],
  headers: Object.fromEntries(headers),
})

describe('a batch of events', () => {
  test('returns every event unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(delivery, { minLength: 1, maxLength: 20 }), async (deliveries) => {
        const events = await decodeBatch(await encodeBatch(deliveries, MAX_BYTES))
        expect(events.map(keptOf)).toEqual(deliveries.map(keptOf))
      }),
    )
  })

  test('is compressed when the largest message would not fit together with its headers', async () => {
    const large = deliveryOf(1, JSON.stringify({ text: denseText(MAX_BYTES - 11) }))
    expect(large.data.byteLength).toBe(MAX_BYTES)
    const batch = await encodeBatch([large], MAX_BYTES)
    expect(batch.byteLength).toBeLessThan(MAX_BYTES)
    const [event] = await decodeBatch(batch)
    expect(Buffer.from(event!.data).equals(Buffer.from(large.data))).toBe(true)
  })

  test('is refused when its bytes are invalid', async () => {
    expect(() => decodeBatch(new Uint8Array([0, 0, 0]))).toThrow()
    expect(() => decodeBatch(new TextEncoder().encode('\0{"tenantId":"t"}'))).toThrow()
    expect(() => decodeBatch(new TextEncoder().encode('\0\0\0\0\x02[]'))).toThrow('Not a batch')
    for (const head of [
      'null',
      '{}',
      '{"p":["EVENTS",1,2],"s":42,"l":0}',
      '{"p":["EVENTS","1",2],"s":"a","l":0}',
      '{"p":["EVENTS",1,2],"o":[],"s":"a","l":0}',
      '{"p":["EVENTS",1,2],"s":"a","l":-1}',
      '{"p":["EVENTS",1,2],"s":"a","l":0,"m":7}',
      '{"p":["EVENTS",1,2],"s":"a","l":0,"h":[["Name",[7]]]}',
    ]) {
      const heads = new TextEncoder().encode(`[${head}]`)
      expect(() => decodeBatch(new Uint8Array([0, 0, 0, 0, heads.byteLength, ...heads]))).toThrow('Not a batch')
    }
    const batch = await encodeBatch([deliveryOf(1, 'one'), deliveryOf(2, 'two')], MAX_BYTES)
    expect(() => decodeBatch(batch.slice(0, -1))).toThrow('Not a batch')
    const refused = await Promise.resolve(decodeBatch(new Uint8Array([1, 2, 3]))).then(
      () => 'opened',
      () => 'refused',
    )
    expect(refused).toBe('refused')
  })
})
