import { expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { delayedSubject, tenantOfSubject, tokenOf } from '../../../src/nats/delayed-stream.ts'

test('every tenant has a subject of its own, of one token the broker takes, and is read back from it', () => {
  const characters = 'ABCz09._:-dc'.split('')
  const tenantId = fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength: 128 })
  fc.assert(
    fc.property(tenantId, (tenant) => {
      expect(tokenOf(tenant)).toMatch(/^[A-Za-z0-9_-]+$/)
      expect(tenantOfSubject(delayedSubject(tenant))).toBe(tenant)
    }),
  )
})
