import { describe, expect, test } from 'bun:test'
import { Rejection } from '../../../src/events/rejection.ts'
import { parseIpNetwork } from '../../../src/base/addresses/ip-address.ts'
import type { EventRow } from '../../../src/events/event-row.ts'
import { type ClassRules, DEFAULT_RULES } from '../../../src/messages/classes/class-rules.ts'
import {
  MESSAGE_EVENT_KINDS,
  type MessageEventKind,
  readBlockEvent,
  readMessageEvent,
} from '../../../src/messages/message-event.ts'
import { FieldPicker } from '../../../src/messages/picked-fields.ts'
import { fc } from '../../support/base/properties.ts'
import { NOW, read, rowOf } from '../../support/ingest/event-samples.ts'
import { anyData } from '../../support/oracle/messages/message-samples.ts'
import { blockOf } from '../../support/store/event-blocks.ts'

const RULES: ClassRules = { ...DEFAULT_RULES, scannerNetworks: [parseIpNetwork('192.0.2.0/24')!] }

/** An event as it is read from a block, and as it is read from its row. */
function bothWays(row: EventRow, kind: MessageEventKind) {
  const event = readMessageEvent(row, RULES)!
  const ofBlock = readBlockEvent(blockOf([rowOf(0), row]), 1, kind, RULES, (at, domain) => ({ at, domain }))
  const dimensions = event.dimensions && { at: 1, domain: event.dimensions.recipient_domain }
  return { ofBlock, ofRow: { ...event, dimensions } }
}

describe('an event of a message', () => {
  test('is the same, read from a block and from its row, whatever it contains', () => {
    fc.assert(
      fc.property(anyData, fc.constantFrom(...MESSAGE_EVENT_KINDS), (data, kind) => {
        const subject = `pipeline.message.${kind}`
        const event = read(JSON.stringify({ tenantId: 't1', timestamp: NOW, data }), { subject })
        if (event instanceof Rejection) return
        const { ofBlock, ofRow } = bothWays(event.row, kind)
        expect(ofBlock).toEqual(ofRow)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([
    '{}',
    '{ "ua" : "curl" , "n" : [1, {"ip": "1.2.3.4"}, "}"] }',
    String.raw`{"u\u0061":"curl"}`,
    String.raw`{"ua":"cu\u0072l","url":"a\"b"}`,
    String.raw`{"x":"\\","ua":"Mozilla/5.0"}`,
    '{"ua":"curl","ua":"Mozilla/5.0"}',
    '{"data.ua":"curl","ua":"Mozilla/5.0"}',
    '{"isBot":true,"x":{"ua":"curl"}}',
    '{"x":-1.5e3,"url":"https://ü.example/"}',
    '{"x":"ü","linkRole":"honeypot"}',
  ])('is read from the text %s', (metadata) => {
    for (const kind of MESSAGE_EVENT_KINDS) {
      const row = rowOf(1, { event_type: `message_${kind}`, metadata })
      const { ofBlock, ofRow } = bothWays(row, kind)
      expect(ofBlock).toEqual(ofRow)
    }
  })
})

describe('picked fields', () => {
  const NAMES = ['a', 'bc', 'data.a', 'r']
  const picker = new FieldPicker(NAMES, ['r'])
  const encoder = new TextEncoder()

  test('are those of the parsed object, wherever it stands and however it is formatted', () => {
    const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 3 }))
    const value = fc.oneof(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }))
    const space = fc.constantFrom(undefined, 1, '\t')
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 5 }), space, (object, indent) => {
        const text = JSON.stringify(object, undefined, indent)
        const bytes = encoder.encode(`"${text}"`)
        const picked = picker.pick(bytes, 1, bytes.length - 1)
        const parsed = JSON.parse(text) as Record<string, unknown>
        for (const each of NAMES)
          expect(Object.hasOwn(picked, each) ? picked[each] : undefined).toEqual(
            Object.hasOwn(parsed, each) ? parsed[each] : undefined,
          )
      }),
      { numRuns: 2_000 },
    )
  })

  test('of more values than are remembered are right', () => {
    for (let index = 0; index < 10_000; index++) {
      const bytes = encoder.encode(`{"r":"value ${index}"}`)
      expect(picker.pick(bytes, 0, bytes.length)).toEqual({ r: `value ${index}` })
    }
  })

  test('of bytes that end too early are refused', () => {
    const bytes = encoder.encode('{"a":"b","c":[1,2]')
    for (let length = 1; length <= bytes.length; length++) expect(() => picker.pick(bytes, 0, length)).toThrow()
  })
})
