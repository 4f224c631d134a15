import { expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { deferredSubject, tenantOfSubject } from '../../../../src/nats/deferred/deferred-stream.ts'
import { tokenOf } from '../../../../src/nats/tenant-token.ts'

test('a subject that is no encoded tenant id has no tenant', () => {
  const tokens = ['*', '>', '', 'a_', 'a_x', '_', '%s', 'a b', 'ü', 'a.b', 'x'.repeat(129)]
  expect(tokens.filter((token) => tenantOfSubject(`analytics.deferred.${token}`) !== undefined)).toEqual([])
})

test('every tenant id is encoded as one valid token and decoded from it', () => {
  const characters = 'ABCz09._:-dc'.split('')
  const tenantId = fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength: 128 })
  fc.assert(
    fc.property(tenantId, (tenant) => {
      expect(tokenOf(tenant)).toMatch(/^[A-Za-z0-9_-]+$/)
      expect(tenantOfSubject(deferredSubject(tenant))).toBe(tenant)
    }),
  )
})
