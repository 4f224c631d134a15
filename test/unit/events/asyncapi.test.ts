import { describe, expect, test } from 'bun:test'
import { Ajv } from 'ajv'
import { createAsyncApiDocument } from '../../../src/events/asyncapi.ts'
import { CATALOGUE, findEventDefinition } from '../../../src/events/catalogue.ts'
import { parseEventEnvelope } from '../../../src/events/event-envelope.ts'
import { normaliseEvent } from '../../../src/events/normalise/normalise-event.ts'
import { Rejection } from '../../../src/events/rejection.ts'
import { NOW, read } from '../../support/ingest/event-samples.ts'

const document = createAsyncApiDocument()
const { channels, operations, components } = document
const messages = Object.entries(components.messages)

const ajv = new Ajv({ allowUnionTypes: true, strictRequired: false })
ajv.addVocabulary(Object.keys(document))
ajv.addSchema(document, 'events')

/** Whether the schema of a message accepts a payload. */
function isValid(message: string, payload: unknown): boolean {
  return ajv.getSchema(`events#/components/messages/${message}/payload`)!(payload) as boolean
}

/** The subject of a channel, with an example for its parameter. */
function subjectOf(name: string): string {
  const { address, parameters = {} } = channels[name]!
  return address.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => parameters[parameter]!.examples[0]!)
}

describe('the AsyncAPI document', () => {
  test('describes every entry of the catalogue, and nothing else', () => {
    const subjects = Object.values(channels).map(({ address }) => address.replace(/\{\w+\}$/, '*'))
    expect(subjects).toEqual(CATALOGUE.map(({ subject }) => subject))
    const eventTypes = CATALOGUE.map(({ eventType }) => eventType.replace(/_$/, ''))
    expect(Object.keys(components.messages)).toEqual(eventTypes)
    expect(Object.keys(operations)).toEqual(eventTypes.map((name) => `receive_${name}`))
  })

  test.each(messages)('has examples of %s that the normaliser and the schema accept', (name, { examples }) => {
    expect(examples.length).toBeGreaterThan(0)
    for (const { payload, headers } of examples) {
      const event = read(JSON.stringify(payload), { subject: subjectOf(name) })
      if (event instanceof Rejection) throw new Error(event.message)
      expect(event.row.event_type).toStartWith(name)
      expect(isValid(name, payload)).toBe(true)
      expect(Object.keys(headers)).toEqual(['Nats-Msg-Id'])
    }
  })

  test.each(messages)('requires an entity id of %s, as the normaliser does', (name, { examples }) => {
    const { entityIdFields } = CATALOGUE[Object.keys(channels).indexOf(name)]!
    const data = { ...(examples[0]!.payload as { data: Record<string, unknown> }).data }
    for (const field of entityIdFields) data[field] = null
    const payload = { ...examples[0]!.payload, data }
    expect(read(JSON.stringify(payload), { subject: subjectOf(name) })).toBeInstanceOf(Rejection)
    expect(isValid(name, payload)).toBe(false)
  })

  test('describes only fields of data that the normaliser reads', () => {
    const ids = [
      'messageId',
      'campaignId',
      'workflowId',
      'runId',
      'sequenceId',
      'enrollmentId',
      'templateId',
      'contactId',
    ]
    const data = { ...Object.fromEntries(ids.map((id) => [id, 'x'])), sourceType: 'workflow', sourceId: 'y' }
    const envelope = parseEventEnvelope(
      new TextEncoder().encode(JSON.stringify({ tenantId: 't', timestamp: NOW, data })),
    )
    if (envelope instanceof Rejection) throw new Error(envelope.message)
    const fieldsRead = new Set<string | symbol>(['metadata'])
    const observed = new Proxy(envelope.data, {
      get: (target, name) => (fieldsRead.add(name), Reflect.get(target, name) as unknown),
      getOwnPropertyDescriptor: (target, name) => (
        fieldsRead.add(name),
        Reflect.getOwnPropertyDescriptor(target, name)
      ),
    })
    for (const [name] of messages)
      normaliseEvent(
        { ...envelope, data: observed },
        {
          definition: findEventDefinition(subjectOf(name))!,
          position: { stream: 'EVENTS', sequence: 1, storedAt: NOW },
          messageId: undefined,
          now: NOW,
        },
      )
    const { properties } = components.schemas['EventData']!
    expect(Object.keys(properties!).filter((name) => !fieldsRead.has(name))).toEqual([])
  })

  test.each([
    ['a whole number as an id', { data: { messageId: 7 } }],
    ['an empty channel', { data: { messageId: 'm', channel: '' } }],
    ['null fields', { eventId: null, data: { messageId: 'm', channel: null, campaignId: null, stepNumber: null } }],
    ['unknown fields', { colour: 'red', data: { messageId: 'm', colour: 'red', metadata: [1] } }],
    ['epoch milliseconds', { timestamp: Date.parse('2026-03-01T00:00Z') }],
    ['a date-time without seconds', { timestamp: '2026-03-01T09:30+01' }],
    ['a date-time with a space and a comma', { timestamp: '2026-03-01 09:30:15,123456z' }],
  ])('accepts %s, as the normaliser does', (_, fields) => {
    const payload = { tenantId: 't', timestamp: '2026-03-01T09:30:15Z', data: { messageId: 'm' }, ...fields }
    expect(read(JSON.stringify(payload))).not.toBeInstanceOf(Rejection)
    expect(isValid('message_sent', payload)).toBe(true)
  })

  test.each([
    ['an invalid tenant', { tenantId: 'a b' }],
    ['a missing tenant', { tenantId: undefined }],
    ['a missing timestamp', { timestamp: undefined }],
    ['a date', { timestamp: '2026-03-01' }],
    ['a date-time without an offset', { timestamp: '2026-03-01T09:30' }],
    ['a number in quotes', { timestamp: '1772323200000' }],
    ['missing data', { data: undefined }],
    ['an empty entity id', { data: { messageId: '' } }],
    ['an unknown channel', { data: { messageId: 'm', channel: 'fax' } }],
    ['a channel in upper case', { data: { messageId: 'm', channel: 'EMAIL' } }],
  ])('rejects %s, as the normaliser does', (_, fields) => {
    const payload = { tenantId: 't', timestamp: '2026-03-01T09:30:15Z', data: { messageId: 'm' }, ...fields }
    expect(read(JSON.stringify(payload))).toBeInstanceOf(Rejection)
    expect(isValid('message_sent', payload)).toBe(false)
  })
})
