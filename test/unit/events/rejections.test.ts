import { describe, expect, test } from 'bun:test'
import { fc } from '../../support/base/properties.ts'
import { CATALOGUE } from '../../../src/events/catalogue.ts'
import { Rejection, REJECTION_REASONS } from '../../../src/events/rejection.ts'
import { EVENT_COLUMNS } from '../../../src/events/columns.ts'
import { accept, envelope, NOW, read } from '../../support/ingest/event-samples.ts'

const reasonOf = (message: unknown, subject?: string) => {
  const text = typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message)
  const event = read(text, subject === undefined ? {} : { subject })
  return event instanceof Rejection ? event.reason : 'accepted'
}

describe('a message is rejected:', () => {
  test.each([
    ['invalid_json', 'it is empty', ''],
    ['invalid_json', 'it is no JSON', '{"tenantId":'],
    ['invalid_json', 'it is not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
    ['invalid_json', 'NaN is no JSON', '{"tenantId":NaN}'],
    ['not_an_object', 'it is a list', '[]'],
    ['not_an_object', 'it is null', 'null'],
    ['not_an_object', 'it is a text', '"x"'],
    ['invalid_tenant', 'there is no tenant', { timestamp: NOW }],
    ['invalid_tenant', 'the tenant is a number', envelope({}, { tenantId: 5 })],
    ['invalid_tenant', 'the tenant is empty', envelope({}, { tenantId: '' })],
    ['invalid_tenant', 'the tenant has a space', envelope({}, { tenantId: 'a b' })],
    ['invalid_tenant', 'the tenant has a slash', envelope({}, { tenantId: 'a/b' })],
    ['invalid_tenant', 'the tenant ends in a line break', envelope({}, { tenantId: 'a\n' })],
    ['invalid_tenant', 'the tenant has 129 characters', envelope({}, { tenantId: 'a'.repeat(129) })],
    ['invalid_timestamp', 'there is no timestamp', envelope({}, { timestamp: undefined })],
    ['future_timestamp', 'it is from the day after tomorrow', envelope({}, { timestamp: NOW + 2 * 86_400_000 })],
    ['expired_timestamp', 'it is three years old', envelope({}, { timestamp: '2023-01-01T00:00:00Z' })],
    ['missing_entity_id', 'the id is missing', envelope({ messageId: undefined })],
    ['missing_entity_id', 'the id is empty', envelope({ messageId: '' })],
    ['missing_entity_id', 'the id is a fraction', envelope({ messageId: 1.5 })],
    ['missing_entity_id', 'there is no data', { tenantId: 't1', timestamp: NOW }],
    ['missing_entity_id', 'data is a list', { tenantId: 't1', timestamp: NOW, data: [{ messageId: 'm' }] }],
    ['unknown_channel', 'the channel is unknown', envelope({ channel: 'fax' })],
    ['unknown_channel', 'the channel is written large', envelope({ channel: 'EMAIL' })],
    ['unknown_channel', 'the channel is a number', envelope({ channel: 1 })],
    ['invalid_text', 'an id contains an unpaired surrogate', envelope({ contactId: 'a\ud800' })],
    ['invalid_text', 'the eventId does', envelope({}, { eventId: '\ud800' })],
  ])('%s: %s', (reason, _, message) => {
    expect(reasonOf(message)).toBe(reason as keyof typeof REJECTION_REASONS)
  })

  test('too_large: more than 1 MiB, to the byte', () => {
    const padded = (length: number) => {
      const text = JSON.stringify(envelope({ pad: '' }))
      return text.replace('"pad":""', `"pad":"${'x'.repeat(length - text.length)}"`)
    }
    expect(reasonOf(padded(1_048_576))).toBe('accepted')
    expect(reasonOf(padded(1_048_577))).toBe('too_large')
  })

  describe('too_many_values: more than 10,000 JSON values', () => {
    const holding = (metadata: string) =>
      `{"eventId":"e","tenantId":"t1","timestamp":${NOW},"data":{"messageId":"m1","metadata":${metadata}}}`
    const megabyte = 1_048_000
    test.each([
      ['zeros behind a -0', `[-0,${'0,'.repeat(megabyte / 2)}0]`],
      ['empty texts', `[${'"",'.repeat(megabyte / 3)}""]`],
      ['keys', `{${Array.from({ length: 60_000 }, (_, n) => `"k${n}":-0`).join(',')}}`],
      ['empty objects', `[${'{},'.repeat(megabyte / 3)}{}]`],
      ['levels', `${'['.repeat(megabyte / 2)}${']'.repeat(megabyte / 2)}`],
      ['values by one too many', `[${'0,'.repeat(9_993)}0]`],
    ])('in %s', (_, metadata) => {
      expect(reasonOf(holding(metadata))).toBe('too_many_values')
    })

    test.each([
      ['as many values as may be', `[${'0,'.repeat(9_992)}0]`],
      ['any number of commas and brackets in texts', `"${',[{\\"'.repeat(150_000)}"`],
      ['one number of a megabyte', '1'.repeat(megabyte)],
    ])('but not in %s', (_, metadata) => {
      expect(reasonOf(holding(metadata))).toBe('accepted')
    })
  })

  test('the message names the expected fields, but not their values', () => {
    expect(read(JSON.stringify(envelope({ secret: 's3cret' })), { subject: 'workflow.run.started' })).toMatchObject({
      message: 'The id of the entity is missing from data. Expected data.runId or data.workflowId.',
    })
  })
})

describe('the message contains the likely cause of a rejected timestamp:', () => {
  test.each([
    ['expired_timestamp', 1_774_000_000, 'It looks like epoch seconds; milliseconds are expected.'],
    ['expired_timestamp', 1_774_000_000.5, 'It looks like epoch seconds; milliseconds are expected.'],
    ['future_timestamp', 1_774_000_000_000_000, 'It looks like epoch microseconds; milliseconds are expected.'],
    ['invalid_timestamp', 1_774_000_000_000_000_000, 'It looks like epoch nanoseconds; milliseconds are expected.'],
    ['invalid_timestamp', '1774000000', 'It looks like epoch seconds; milliseconds are expected.'],
    ['invalid_timestamp', '1774000000.123', 'It looks like epoch seconds; milliseconds are expected.'],
    ['invalid_timestamp', '1774000000000', 'It looks like epoch milliseconds in quotes; a number is expected.'],
  ] as const)('%s: %j', (reason, timestamp, hint) => {
    expect(read(JSON.stringify(envelope({}, { timestamp })))).toMatchObject({
      reason,
      message: `${REJECTION_REASONS[reason]} ${hint}`,
    })
  })

  test.each([
    ['expired_timestamp', 0],
    ['expired_timestamp', NOW - 1_000 * 86_400_000],
    ['future_timestamp', NOW + 3 * 86_400_000],
    ['invalid_timestamp', 'yesterday'],
    ['expired_timestamp', '2020-01-01T00:00:00Z'],
  ] as const)('%s: %j, which looks like nothing else', (reason, timestamp) => {
    expect(read(JSON.stringify(envelope({}, { timestamp })))).toMatchObject({
      reason,
      message: REJECTION_REASONS[reason],
    })
  })
})

test.each([undefined, null, ''])('the channel %j is stored as an empty text', (channel) => {
  expect(accept(envelope({ channel })).row.channel).toBe('')
})

test('a tenant id may have 128 characters of A-Z a-z 0-9 . _ : -', () => {
  expect(accept(envelope({}, { tenantId: `Az09._:-${'x'.repeat(120)}` })).row.tenant_id).toHaveLength(128)
})

const FIELDS = [
  ...[
    'messageId',
    'campaignId',
    'runId',
    'workflowId',
    'enrollmentId',
    'sequenceId',
    'contactId',
    'userId',
    'templateId',
  ],
  ...[
    'channel',
    'sourceType',
    'sourceId',
    'sourceName',
    'campaignName',
    'name',
    'stepNumber',
    'status',
    'metadata',
    'x',
  ],
]
/** Mostly valid values, so that many messages become rows, and sometimes any JSON. */
const anyValue = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme' }) },
  { weight: 2, arbitrary: fc.constantFrom('email', 'campaign', 'workflow', 'failed', 1, 0, -0, null) },
  { weight: 2, arbitrary: fc.jsonValue() },
  fc.string({ unit: 'binary' }),
  fc.double(),
)
const anyMessage = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue() },
  {
    weight: 5,
    arbitrary: fc.record(
      {
        tenantId: fc.oneof({ weight: 5, arbitrary: fc.constant('t1') }, anyValue),
        timestamp: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: NOW - 10 ** 10, max: NOW }) }, anyValue),
        eventId: anyValue,
        data: fc.oneof({ weight: 8, arbitrary: fc.dictionary(fc.constantFrom(...FIELDS), anyValue) }, fc.jsonValue()),
      },
      { requiredKeys: ['tenantId', 'timestamp', 'data'] },
    ),
  },
)
const anySubject = fc.constantFrom(...CATALOGUE.map(({ subject }) => subject.replace('*', 'replied')))

test('any JSON becomes a row that fits the columns or a rejection, without an exception', () => {
  let rowCount = 0
  const isText = (value: unknown) => typeof value === 'string' && value.isWellFormed()
  fc.assert(
    fc.property(anyMessage, anySubject, (message, subject) => {
      const event = read(JSON.stringify(message), { subject })
      if (event instanceof Rejection) return expect(Object.keys(REJECTION_REASONS)).toContain(event.reason)
      rowCount++
      const { occurred_at, step_number, ...texts } = event.row
      expect(Object.keys(event.row).sort()).toEqual(EVENT_COLUMNS.map(({ name }) => name).sort())
      for (const text of Object.values(texts)) expect(text === null || isText(text)).toBe(true)
      expect(texts.entity_id).not.toBe('')
      expect(typeof JSON.parse(texts.metadata)).toBe('object')
      expect(Number.isSafeInteger(occurred_at)).toBe(true)
      expect(step_number === null || (step_number >= 1 && step_number < 2 ** 32)).toBe(true)
      for (const { id, name } of event.names) expect(isText(id) && isText(name) && name !== '').toBe(true)
    }),
    { numRuns: 2_000 },
  )
  // A normaliser that rejects everything would have the property too.
  expect(rowCount).toBeGreaterThan(100)
})

test('any bytes are handled without an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(read(bytes)).toBeInstanceOf(Rejection)
    }),
  )
})
