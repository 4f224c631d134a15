import { describe, expect, test } from 'bun:test'
import { fc } from '../../support/base/properties.ts'
import { createEventStreamParser } from '../../../src/web/api/event-stream.ts'

const read = (...pieces: string[]) => {
  const take = createEventStreamParser()
  return pieces.flatMap((piece) => take(piece))
}
const STREAM =
  'id: 7\nevent: snapshot\ndata: {"counts":[]}\n\n: heartbeat\n\nevent: delta\ndata: {"a":\ndata: 1}\n\ndata: x\n\n'
const EVENTS = [
  { id: '7', event: 'snapshot', data: '{"counts":[]}' },
  { id: '7', event: 'delta', data: '{"a":\n1}' },
  { id: '7', event: 'message', data: 'x' },
]

describe('a reader of event streams', () => {
  test('returns events with their id, kind and data, without comments', () => expect(read(STREAM)).toEqual(EVENTS))

  test('reads the same however the stream is cut and its lines end', () => {
    const cut = fc.tuple(fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(STREAM.length * 2), { maxLength: 12 }))
    fc.assert(
      fc.property(cut, ([lineEnd, places]) => {
        const stream = STREAM.replaceAll('\n', lineEnd)
        const edges = [0, ...places.toSorted((a, b) => a - b), stream.length]
        const pieces = edges.slice(1).map((edge, index) => stream.slice(edges[index], edge))
        // A carriage return at the end waits for the next chunk, which may begin with a line feed.
        expect(read(...pieces, ':\n')).toEqual(EVENTS)
      }),
    )
  })

  test('keeps what is incomplete for later and drops what never ends', () => {
    expect(read('data: a\n')).toEqual([])
    expect(read('data: a\n', '\n')).toEqual([{ id: '', event: 'message', data: 'a' }])
    expect(read('event: delta\n\ndata: b\n\n')).toEqual([{ id: '', event: 'message', data: 'b' }])
  })

  test('accepts one space after the colon, a field without a space, and a byte order mark', () => {
    expect(read('\uFEFFdata:  a\ndata\ndata:b:c\n\n')).toEqual([{ id: '', event: 'message', data: ' a\n\nb:c' }])
  })

  test('refuses a line without end', () => {
    const take = createEventStreamParser()
    const piece = 'x'.repeat(1_048_576)
    expect(() => Array.from({ length: 5 }, () => take(piece))).toThrow('no end')
  })
})
