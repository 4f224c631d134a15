import { expect, test } from 'bun:test'
import { FactsBlock } from '../../../../src/clickhouse/facts/facts-block.ts'
import { factsValuesOf } from '../../../../src/clickhouse/facts/facts-row.ts'
import { sortedRows } from '../../../../src/clickhouse/facts/sorted-rows.ts'
import { TouchedMessages } from '../../../../src/clickhouse/facts/touched-messages.ts'
import { NO_INPUTS } from '../../../../src/messages/classes/class-inputs.ts'
import { DEFAULT_RULES } from '../../../../src/messages/classes/class-rules.ts'
import { fc } from '../../../support/base/properties.ts'
import { NOW, rowOf } from '../../../support/ingest/event-samples.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

interface Place {
  readonly tenant: string
  readonly id: string
  readonly at: number
}

function blockWith(places: readonly Place[]): FactsBlock {
  const block = new FactsBlock()
  for (const { tenant, id, at } of places) {
    const row = rowOf(0, { event_type: 'message_delivered', tenant_id: tenant, entity_id: id })
    const event = { id: '0123456789abcdef', kind: 'delivered' as const, occurredAt: at, inputs: NO_INPUTS }
    const events = [{ ...event, bounceClass: undefined, dimensions: undefined }]
    block.append(new TouchedMessages(...inBlock([row])), 0, events, factsValuesOf(events, DEFAULT_RULES), undefined)
  }
  return block
}

const anyPlaces = (times: fc.Arbitrary<number>) =>
  fc.array(
    fc.record({
      tenant: fc.constantFrom('t', 't1', 't10', 't2', 'ü', '😀', '\uffff'),
      id: fc.constantFrom('', 'a', 'ab', 'b', 'ü'),
      at: times,
    }),
    { maxLength: 40 },
  )

const compareTexts = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

test('rows are sorted like the engine does it, rows of the same key in their order', () => {
  const times = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: NOW - 1e9, max: NOW + 1e9 }))
  fc.assert(
    fc.property(anyPlaces(times), (places) => {
      const rows = [...places.keys()].filter((row) => row % 5 !== 4)
      const expected = rows.toSorted((a, b) => {
        const [one, other] = [places[a]!, places[b]!]
        return compareTexts(one.tenant, other.tenant) || one.at - other.at || compareTexts(one.id, other.id) || a - b
      })
      expect([...sortedRows(blockWith(places), rows)]).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})

test('rows that are too far apart keep their order', () => {
  const places = [8.6e15, 5, -8.6e15, 7].map((at, index) => ({ tenant: `t${index}`, id: 'a', at }))
  expect([...sortedRows(blockWith(places), [0, 1, 2, 3])]).toEqual([0, 1, 2, 3])
})
