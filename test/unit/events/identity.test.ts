import { afterEach, describe, expect, test } from 'bun:test'
import { fc } from '../../support/base/properties.ts'
import { v5 } from 'uuid'
import { contactHash, deriveEventId, enrollmentHash, useSha1 } from '../../../src/events/identity.ts'
import type { Sha1 } from '../../../src/base/bytes/sha1.ts'
import { runtime } from '../../../src/host/bun/runtime.ts'
import { accept, envelope, type Setting } from '../../support/ingest/event-samples.ts'

const idOf = (fields: object, setting: Setting = {}) => accept(envelope({}, fields), setting).row.id

describe('the id of an event', () => {
  test('is a UUIDv5', () => {
    expect(idOf({ eventId: 'e' })).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  /** Ids are compared with those that earlier versions stored: another value would store every event again. */
  test('is the same in all versions', () => {
    expect(deriveEventId('tenant-1', 'event-1', { stream: 'EVENTS', sequence: 1, storedAt: 1_767_225_600_000 })).toBe(
      KNOWN_IDS.producerKey,
    )
    expect(deriveEventId('tenant-1', undefined, { stream: 'EVENTS', sequence: 1, storedAt: 1_767_225_600_000 })).toBe(
      KNOWN_IDS.streamPlace,
    )
  })

  test('is the same for the same eventId, at any position and with any other content', () => {
    const id = idOf({ eventId: 'e' }, { sequence: 1, messageId: 'a' })
    expect(
      idOf({ eventId: 'e', timestamp: '2026-03-19T00:00:00Z' }, { sequence: 9, stream: 'OTHER', messageId: 'b' }),
    ).toBe(id)
  })

  test('differs between tenants', () => {
    expect(idOf({ eventId: 'e', tenantId: 'a' })).not.toBe(idOf({ eventId: 'e', tenantId: 'b' }))
    expect(idOf({ tenantId: 'a' })).not.toBe(idOf({ tenantId: 'b' }))
  })

  test('comes from eventId, then from the message id, then from the position in the stream', () => {
    expect(idOf({ eventId: 'e' }, { messageId: 'm' })).toBe(idOf({ eventId: 'e' }))
    expect(idOf({}, { messageId: 'm', sequence: 1 })).toBe(idOf({}, { messageId: 'm', sequence: 2 }))
    expect(idOf({}, { messageId: 'm' })).not.toBe(idOf({}))
    expect(idOf({}, { sequence: 1 })).not.toBe(idOf({}, { sequence: 2 }))
    expect(idOf({}, { stream: 'A' })).not.toBe(idOf({}, { stream: 'B' }))
  })

  test.each([[null], [''], [{}], [[]], [true], [1.5]])('does not come from an eventId that is %j', (eventId) => {
    expect(idOf({ eventId })).toBe(idOf({}))
  })

  test('differs from that of an eventId that looks like a position', () => {
    for (const eventId of ['EVENTS/1', 't1/EVENTS/1', '/EVENTS/1'])
      expect(idOf({ eventId }, { sequence: 2 })).not.toBe(idOf({}, { sequence: 1 }))
  })

  test('differs when tenant, key or position differ', () => {
    const tenant = fc.stringMatching(/^[A-Za-z0-9._:-]{1,12}$/)
    const key = fc.option(fc.string({ minLength: 1, unit: 'grapheme' }), { nil: undefined })
    const source = fc.tuple(tenant, key, fc.stringMatching(/^[A-Z_]{1,6}$/), fc.nat(1000))
    fc.assert(
      fc.property(source, source, ([tenantA, keyA, streamA, sequenceA], [tenantB, keyB, streamB, sequenceB]) => {
        const isSame =
          tenantA === tenantB &&
          keyA === keyB &&
          (keyA !== undefined || (streamA === streamB && sequenceA === sequenceB))
        const a = deriveEventId(tenantA, keyA, { stream: streamA, sequence: sequenceA, storedAt: 1 })
        const b = deriveEventId(tenantB, keyB, { stream: streamB, sequence: sequenceB, storedAt: 1 })
        expect(a === b).toBe(isSame)
      }),
      { numRuns: 500 },
    )
  })
})

describe('the hashes', () => {
  const EVENT_KEYS = '6f1b3c52-6a0e-5d0f-9c55-0f2e3a7d4b10'
  const POSITIONS = 'c2a7e9d4-51b8-5f63-8e0a-7d94b6c1f3a8'
  const CONTACTS = '3d9c6f0b-8b7e-5a41-9a65-b1e4f27c08d6'
  const ENROLLMENTS = 'a84e1f57-0c3d-5b92-8f16-5e7d20c9b34a'
  const implementations: readonly [string, Sha1 | undefined][] = [
    ['the SHA-1 of the runtime', runtime.sha1],
    ['the SHA-1 in JavaScript', undefined],
  ]
  const encoder = new TextEncoder()
  /** Also texts longer than the buffer in which names are put together, and unpaired surrogates. */
  const text = fc.oneof(
    fc.string({ minLength: 1, unit: 'binary' }),
    fc.string({ minLength: 1, unit: 'grapheme' }),
    fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 8 }).map((units) => String.fromCharCode(...units)),
    fc.nat(3_000).map((length) => 'é'.repeat(length + 1)),
  )
  const tenant = fc.stringMatching(/^[A-Za-z0-9._:-]{1,64}$/)

  afterEach(() => useSha1(undefined))

  test.each(implementations)('of %s are the UUIDv5 of the package uuid', (_, sha1) => {
    useSha1(sha1)
    fc.assert(
      fc.property(tenant, text, fc.nat(), fc.nat(), (tenantId, key, sequence, storedAt) => {
        const position = { stream: key, sequence, storedAt }
        expect([
          deriveEventId(tenantId, key, position),
          deriveEventId(tenantId, undefined, position),
          contactHash(tenantId, key),
          enrollmentHash(tenantId, key),
        ]).toEqual([
          v5(encoder.encode(`${tenantId}/${key}`), EVENT_KEYS),
          v5(encoder.encode(`${tenantId}/${key}/${sequence}/${storedAt}`), POSITIONS),
          v5(encoder.encode(`${tenantId}/${key}`), CONTACTS),
          v5(encoder.encode(`${tenantId}/${key}`), ENROLLMENTS),
        ])
      }),
      { numRuns: 500 },
    )
  })
})

const KNOWN_IDS = {
  producerKey: 'f26f298d-0c4a-571c-bfef-4f1e8b3adbdf',
  streamPlace: '051a9b68-77e1-55b2-9444-9d99042f307e',
}
