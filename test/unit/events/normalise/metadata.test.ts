import { describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { Rejection } from '../../../../src/events/rejection.ts'
import { accept, NOW, read } from '../../../support/ingest/event-samples.ts'

/** The stored metadata of a message whose `data` is this JSON text. */
const metadataOf = (data: string) => accept(`{"tenantId":"t1","timestamp":${NOW},"data":${data}}`).row.metadata

describe('metadata', () => {
  test.each([
    ['nothing', '{"messageId":"m"}', '{}'],
    ['null', '{"messageId":"m","metadata":null}', '{}'],
    ['an object as it is', '{"messageId":"m","metadata":{"b":1,"a":[true,null,"x"]}}', '{"b":1,"a":[true,null,"x"]}'],
    ['an unknown field beside it', '{"messageId":"m","url":"u","metadata":{"a":1}}', '{"a":1,"url":"u"}'],
    ['anything that is no object, under its own name', '{"messageId":"m","metadata":[1,2]}', '{"metadata":[1,2]}'],
    ['a colliding field under a longer name', '{"messageId":"m","a":2,"metadata":{"a":1}}', '{"a":1,"data.a":2}'],
    [
      'a field beside another name of the same input under a longer name',
      '{"messageId":"m","ua":"b","link":"l","metadata":{"userAgent":"a","to":"t"}}',
      '{"userAgent":"a","to":"t","data.ua":"b","link":"l"}',
    ],
    ['a field of the wrong type', '{"messageId":"m","contactId":{"x":1}}', '{"contactId":{"x":1}}'],
    ['a key called __proto__', '{"messageId":"m","__proto__":{"x":1}}', '{"__proto__":{"x":1}}'],
    ['two of them', '{"messageId":"m","__proto__":2,"metadata":{"__proto__":1}}', '{"__proto__":1,"data.__proto__":2}'],
    ['a key called constructor', '{"messageId":"m","constructor":1}', '{"constructor":1}'],
    ['an escaped unpaired surrogate', '{"messageId":"m","x":"\\ud800"}', '{"x":"\\ud800"}'],
    ['NUL, escaped', '{"messageId":"m","x":"\\u0000"}', '{"x":"\\u0000"}'],
  ])('keeps %s', (_, data, expected) => {
    expect(metadataOf(data)).toBe(expected)
  })

  test.each(['0.12345678901234567890123', '1e-400', '-1.5e-999'])('keeps all digits of the fraction %s', (digits) => {
    expect(metadataOf(`{"messageId":"m","metadata":{"a":[${digits}]},"x":${digits}}`)).toBe(
      `{"a":[${digits}],"x":${digits}}`,
    )
  })

  test.each(['9007199254740993', '-9007199254740993', '123456789012345678901234567890', '1e30', '1e400', '-0', '-0.0'])(
    'keeps all digits of the number %s at any position',
    (digits) => {
      expect(metadataOf(`{"messageId":"m","n":${digits}}`)).toBe(`{"n":${digits}}`)
      expect(metadataOf(`{"messageId":"m","metadata":{"a":[{"n":${digits}}]},"x":1}`)).toBe(
        `{"a":[{"n":${digits}}],"x":1}`,
      )
      // The runtime represents the number as an object, also when it is the whole metadata.
      expect(metadataOf(`{"messageId":"m","metadata":${digits},"x":1}`)).toBe(`{"metadata":${digits},"x":1}`)
    },
  )

  test('keeps a field that is named rawJSON', () => {
    expect(metadataOf('{"messageId":"m","metadata":{"rawJSON":"1"},"n":9007199254740993}')).toBe(
      '{"rawJSON":"1","n":9007199254740993}',
    )
  })

  test('keeps deep nesting, and rejects data that is too deep to serialise', () => {
    const nested = (depth: number) => `{"messageId":"m","n":-0,"deep":${'['.repeat(depth)}${']'.repeat(depth)}}`
    expect(metadataOf(nested(500))).toBe(`{"n":-0,"deep":${'['.repeat(500)}${']'.repeat(500)}}`)
    const refused = read(`{"tenantId":"t1","timestamp":${NOW},"data":${nested(9_900)}}`)
    expect(refused).toBeInstanceOf(Rejection)
    expect(['nested_too_deeply', 'invalid_json']).toContain((refused as Rejection).reason)
    // Ids above 2^53 are read from the text, which the runtime cannot parse recursively either.
    const data = nested(9_900).replace('"m"', '9007199254740993')
    expect(read(`{"tenantId":"t1","timestamp":${NOW},"data":${data}}`)).toEqual(refused)
  })

  test('contains every field of data, with any name and value', () => {
    const known = ['messageId', 'metadata', 'channel', 'contactId']
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 8 }), (extra) => {
        const data = { messageId: 'm', metadata: { own: 1 }, ...extra }
        const event = read(JSON.stringify({ tenantId: 't1', timestamp: NOW, data }))
        if (event instanceof Rejection) return
        const kept = JSON.parse(event.row.metadata) as Record<string, unknown>
        for (const [field, value] of Object.entries(extra)) {
          if (known.includes(field)) continue
          const there = Object.hasOwn(kept, `data.${field}`) ? kept[`data.${field}`] : kept[field]
          expect(JSON.stringify(there)).toBe(JSON.stringify(value))
        }
      }),
      { numRuns: 300 },
    )
  })
})
