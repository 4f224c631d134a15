import { describe, expect, test } from 'bun:test'
import { EventBlock } from '../../../../src/events/block/event-block.ts'
import { findEventDefinition } from '../../../../src/events/catalogue.ts'
import { EventScanner } from '../../../../src/events/scan/event-scanner.ts'
import { messageEvent } from '../../../bench/measure/message-event.ts'
import { accept, NOW } from '../../../support/ingest/event-samples.ts'
import { compareScans } from './comparison.ts'

const SENT = 'pipeline.message.sent'
const TIME = `"timestamp":"2026-03-20T11:00:00.000Z"`
const scanner = new EventScanner()

const withData = (data: string) => `{"eventId":"e-1","tenantId":"t1",${TIME},"data":{"messageId":"m-1"${data}}}`

/** How many of the messages the scanner reads: 1 or 0. It has to read it as the general path does. */
function scannedOf(text: string | Uint8Array, subject = SENT): number {
  const message = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const origin = { stream: 'EVENTS', sequence: 1, storedAt: NOW }
  const { differences, scanned } = compareScans(scanner, [{ subject, message, now: NOW, origin, messageId: 'key' }])
  expect(differences).toEqual([])
  return scanned
}

describe('an ordinary message', () => {
  test.each([
    ['a bare event', withData('')],
    ['texts with letters of all languages', withData(',"contactId":"日本語 ünï 😀","metadata":{"é":"עברית"}')],
    [
      'fields that are null or empty',
      withData(',"contactId":null,"userId":"","channel":"","sourceType":null,"metadata":null'),
    ],
    [
      'white space around all tokens',
      ` { "tenantId" : "t1" ,\n${TIME}, "data" : { "messageId" : "m" , "metadata" : { "a" : [ 1 , " x " ] } } } \n`,
    ],
    ['fields without a column', withData(',"url":"x","count":5,"tags":["a",{"b":null}],"metadata":{"a":1.5,"b":true}')],
    ['escapes in metadata that stay the same', withData(String.raw`,"metadata":{"a":"\"q\" \\ \b\f\n\r\t"}`)],
    ['other fields of the message', `{"version":[1,{"x":null}],"tenantId":"t1",${TIME},"data":{"messageId":"m"}}`],
    ['epoch milliseconds', `{"tenantId":"t1","timestamp":${NOW},"data":{"messageId":"m"}}`],
    ['no event id, or an empty one', `{"eventId":"","tenantId":"t1",${TIME},"data":{"messageId":"m"}}`],
    ['an event id that is null', `{"eventId":null,"tenantId":"t1",${TIME},"data":{"messageId":"m"}}`],
    [
      'a second name of an entity',
      withData(',"campaignId":"c","campaignName":"A","sourceType":"campaign","sourceId":"c","sourceName":"B"'),
    ],
    ['the same name twice', withData(',"campaignId":"c","campaignName":"A","sourceName":"A"')],
    ['a name without an entity', withData(',"campaignName":"A","name":{"x":1}')],
    ['decimal numbers', withData(',"metadata":{"a":[0,-1,1.5,-0.25,0.000001,123456789012345,123456789.123456]}')],
  ])('has %s', (_, text) => {
    expect(scannedOf(text)).toBe(1)
  })

  test('is the typical event of the benchmark', () => {
    const { envelope, subject } = messageEvent(7, 'tenant-1', NOW)
    expect(scannedOf(JSON.stringify(envelope), subject)).toBe(1)
  })

  test.each([
    ['workflow.run.completed', '"runId":"r","workflowId":"w","name":"W","status":"failed","reason":"x"'],
    ['workflow.run.failed', '"workflowId":"w","status":"failed"'],
    ['sequence.step.executed', '"sequenceId":"s","enrollmentId":"e","stepNumber":4294967295,"channel":"sms"'],
    ['sequence.enrollment.replied', '"sequenceId":"s","enrollmentId":"e","sequenceName":"S"'],
    ['contact.created', '"contactId":"c","name":"Ann"'],
    ['campaign.started', '"campaignId":"c","name":"C","recipients":5'],
  ])('is one of %s', (subject, data) => {
    expect(scannedOf(`{"eventId":"e-1","tenantId":"t1",${TIME},"data":{${data}}}`, subject)).toBe(1)
  })

  test('is appended as the scanner read it, although its bytes were used for something else', () => {
    const message = new TextEncoder().encode(withData(',"contactId":"c-1"'))
    expect(scanner.scan(message, findEventDefinition(SENT)!, NOW)).toBe(true)
    message.fill(0)
    const events = new EventBlock()
    scanner.append(events, { origin: { stream: 'EVENTS', sequence: 1, storedAt: NOW }, messageId: undefined })
    expect(events.readRow(0)).toEqual(accept(withData(',"contactId":"c-1"')).row)
  })
})

describe('a message that is left to the general path', () => {
  test.each([
    ['an escape in an id', withData(String.raw`,"contactId":"a\"b"`)],
    ['an escape in a key', withData(String.raw`,"contact\u0049d":"c"`)],
    ['an escape that is written in another way', withData(String.raw`,"metadata":{"a":"\u0041"}`)],
    ['a control character', withData(',"contactId":"a\tb"')],
    ['a number as an id', withData(',"contactId":5')],
    ['a field twice', withData(',"contactId":"a","contactId":"a"')],
    ['an unknown field twice', withData(',"x":1,"x":2')],
    ['a field of the metadata twice', withData(',"metadata":{"a":1,"b":{"c":1,"c":2}}')],
    ['a field beside one of the metadata', withData(',"url":1,"metadata":{"url":2}')],
    ['a field beside another name of the same input', withData(',"ua":"a","metadata":{"userAgent":"b"}')],
    ['a name that stays beside one of the metadata', withData(',"name":"A","metadata":{"name":"B"}')],
    ['an integer as a key', withData(',"metadata":{"2":1}')],
    ['__proto__ as a key', withData(',"metadata":{"__proto__":1}')],
    ['metadata that is a text', withData(',"metadata":"x"')],
    ['an unknown channel', withData(',"channel":"fax"')],
    ['a step number of 0', withData(',"stepNumber":0')],
    ['a step number above 32 bits', withData(',"stepNumber":4294967296')],
    ['deep nesting', withData(`,"metadata":{"a":${'['.repeat(8)}${']'.repeat(8)}}`)],
    ['more than 16 KB', withData(`,"metadata":{"a":"${'x'.repeat(16_384)}"}`)],
    ['a comma before the end', withData(',"metadata":{"a":1,}')],
    ['trailing bytes', `${withData('')}x`],
    ['a second message', withData('') + withData('')],
    ['a byte order mark', `\ufeff${withData('')}`],
    ['no end', withData('').slice(0, -1)],
    ['no data', `{"tenantId":"t1",${TIME}}`],
    ['no entity id', `{"tenantId":"t1",${TIME},"data":{"contactId":"c"}}`],
    ['two tenants', withData('').replace('"eventId":"e-1"', '"tenantId":"t2"')],
    ['an invalid tenant', withData('').replace('"t1"', '"a/b"')],
    ['a number as the event id', withData('').replace('"e-1"', '5')],
    ['nothing', ''],
    ['no object', '[]'],
  ])('has %s', (_, text) => {
    expect(scannedOf(text)).toBe(0)
  })

  test.each(['-0', '1.0', '1e3', '0.0000001', '1234567890123456', '01', '-', '1.', 'nul', '.5'])(
    'has the number %s',
    (number) => {
      expect(scannedOf(withData(`,"metadata":{"a":${number}}`))).toBe(0)
      expect(scannedOf(withData(`,"a":${number}`))).toBe(0)
    },
  )

  test.each([
    '2026-02-29T11:00:00.000Z',
    '2026-00-10T11:00:00.000Z',
    '2026-03-19T24:00:00.000Z',
    '2026-03-19T23:60:00.000Z',
    '2026-03-19T23:59:60.000Z',
    '2026-03-19T23:59:59Z',
    '2026-03-19T23:59:59.000+00:00',
    '2026-03-21T12:00:00.001Z',
    '2024-03-20T11:59:59.999Z',
    '0000-00-00T00:00:00.000Z',
    '2026-03-1xT11:00:00.000Z',
  ])('has the timestamp %s', (timestamp) => {
    expect(scannedOf(withData('').replace('2026-03-20T11:00:00.000Z', timestamp))).toBe(0)
  })

  test.each([
    [[0x80]],
    [[0xc0, 0xaf]],
    [[0xc3, 0x28]],
    [[0xe0, 0x80, 0x80]],
    [[0xed, 0xa0, 0x80]],
    [[0xf0, 0x80, 0x80, 0x80]],
    [[0xf4, 0x90, 0x80, 0x80]],
    [[0xf8, 0x88, 0x80, 0x80, 0x80]],
    [[0xe2, 0x82]],
  ])('has the bytes %p in a text', (bytes) => {
    const [before, after] = withData(',"metadata":{"a":"#"}')
      .split('#')
      .map((part) => new TextEncoder().encode(part))
    expect(scannedOf(Uint8Array.from([...before!, ...bytes, ...after!]))).toBe(0)
  })
})

test('a scanner appends nothing before it has scanned an ordinary message', () => {
  const fresh = new EventScanner()
  const identity = { origin: { stream: 'EVENTS', sequence: 1, storedAt: NOW }, messageId: undefined }
  expect(() => fresh.append(new EventBlock(), identity)).toThrow('No message was scanned.')
  fresh.scan(new TextEncoder().encode(withData('')), findEventDefinition(SENT)!, NOW)
  fresh.scan(new TextEncoder().encode('{'), findEventDefinition(SENT)!, NOW)
  expect(() => fresh.append(new EventBlock(), identity)).toThrow('No message was scanned.')
})
