import { describe, expect, test } from 'bun:test'
import { TextColumn } from '../../../src/events/block/block-columns.ts'
import { decodeEventList, setEventList } from '../../../src/messages/event-list.ts'
import type { MessageEvent } from '../../../src/messages/message-event.ts'
import { fc } from '../../support/base/properties.ts'
import { anyMessage, messageEventOf } from '../../support/oracle/messages/message-samples.ts'

function encodeEventList(events: readonly MessageEvent[]): Uint8Array {
  const column = new TextColumn()
  setEventList(column, 0, events)
  return column.bytes.subarray(0, column.ends[0])
}

describe('the list of the events of a message', () => {
  test('is read back as it was, in the order of time and id, without dimensions', () => {
    fc.assert(
      fc.property(anyMessage, (samples) => {
        const byId = new Map(samples.map((sample) => messageEventOf(sample)).map((event) => [event.id, event]))
        const events = [...byId.values()]
        const expected = events
          .toSorted((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1))
          .map((event) => ({ ...event, dimensions: undefined }))
        expect(decodeEventList(encodeEventList(events))).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('of no event is empty, and other bytes are refused', () => {
    expect(decodeEventList(encodeEventList([]))).toEqual([])
    expect(() => decodeEventList(Uint8Array.of(0, 1, 2))).toThrow('incomplete')
    expect(() => decodeEventList(Uint8Array.of(7))).toThrow('unknown kind')
  })
})
