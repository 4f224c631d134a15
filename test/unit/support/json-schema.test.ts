import { describe, expect, test } from 'bun:test'
import type { Schema } from '../../support/openapi/document.ts'
import { mismatchesOf } from '../../support/openapi/json-schema.ts'

const item: Schema = {
  type: 'object',
  properties: { hour: { type: 'integer', minimum: 0, maximum: 23 }, at: { type: 'string', format: 'date-time' } },
  required: ['hour'],
}
const root = { components: { schemas: { Item: item } } }

describe('a value is held against the schema that the document declares for it', () => {
  test.each<[Schema, unknown]>([
    [item, { hour: 23, at: '2026-01-31T09:30:00Z' }],
    [{ $ref: '#/components/schemas/Item' }, { hour: 0 }],
    [{ type: 'array', items: item }, [{ hour: 1 }, { hour: 2 }]],
    [{ type: 'object', additionalProperties: item }, { any: { hour: 1 } }],
    [
      { ...item, additionalProperties: true },
      { hour: 1, day: 1 },
    ],
    [{ type: 'object' }, { any: 1 }],
    [{ anyOf: [{ type: 'string' }, item] }, { hour: 1 }],
    [{ type: 'boolean', enum: [true] }, true],
    [{ type: 'string', minLength: 1, maxLength: 2, pattern: '^a' }, 'ab'],
  ])('%j allows %j', (schema, value) => {
    expect(mismatchesOf(schema, value, root)).toEqual([])
  })

  test.each<[Schema, unknown, string]>([
    [item, { hour: '1' }, 'body.hour is no integer'],
    [item, { hour: 1.5 }, 'body.hour is no integer'],
    [item, { hour: 24 }, 'above 23'],
    [item, { hour: -1 }, 'below 0'],
    [item, {}, 'body.hour is missing'],
    [item, { hour: 1, day: 1 }, 'body.day is not in the document'],
    [{ ...item, additionalProperties: false }, { hour: 1, day: 1 }, 'body.day is not in the document'],
    [item, { hour: 1, at: '2026-01-31' }, 'no date-time'],
    [item, { hour: 1, at: '2026-13-31T09:30:00Z' }, 'no date-time'],
    [item, null, 'no object'],
    [item, [], 'no object'],
    [{ $ref: '#/components/schemas/Item' }, {}, 'missing'],
    [{ type: 'array', items: item }, [{ hour: 1 }, { hour: 'x' }], 'body[1].hour'],
    [{ type: 'object', additionalProperties: item }, { any: 1 }, 'body.any'],
    [{ anyOf: [{ type: 'string' }, item] }, 1, 'none of its choices'],
    [{ enum: ['a'] }, 'b', 'not one of'],
    [{ type: 'string', minLength: 1 }, '', 'shorter'],
    [{ type: 'string', maxLength: 1 }, 'ab', 'longer'],
    [{ type: 'string', pattern: '^a' }, 'b', 'does not match'],
  ])('%j refuses %j', (schema, value, sentence) => {
    expect(mismatchesOf(schema, value, root).join()).toContain(sentence)
  })

  test('an unknown keyword or reference is never ignored', () => {
    expect(() => mismatchesOf({ uniqueItems: true } as Schema, [])).toThrow('uniqueItems')
    expect(() => mismatchesOf({ $ref: '#/components/schemas/None' }, 1, root)).toThrow('None')
  })
})
