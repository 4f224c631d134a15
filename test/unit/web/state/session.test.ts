import { describe, expect, test } from 'bun:test'
import {
  needsTenantChoice,
  normaliseCredential,
  sessionIdentityOf,
  tenantOf,
} from '../../../../src/web/state/session.ts'
import { token } from '../../../support/http/tokens.ts'

describe('a pasted credential', () => {
  test.each([
    [' abc.def.ghi \n', 'abc.def.ghi'],
    ['Bearer abc', 'abc'],
    ['Authorization: Bearer abc', 'abc'],
    ['a b', undefined],
    ['ключ', undefined],
    ['', undefined],
  ])('%j is read as %p', (pasted, credential) => expect(normaliseCredential(pasted)).toBe(credential))
})

describe('the identity of a session', () => {
  const identityOf = (credential: string) => sessionIdentityOf({ credential })

  test('is the tenant of a token, or the tenants to choose from', () => {
    expect(identityOf(token('s', { tenantId: 'tenant-ü' }))).toEqual({ tenant: 'tenant-ü', tenants: [], isToken: true })
    expect(identityOf(token('s', { tenantIds: ['a', 'b', 3] }))).toEqual({
      tenant: undefined,
      tenants: ['a', 'b'],
      isToken: true,
    })
  })

  test('is unknown for an API key', () => {
    expect(identityOf('oak_key')).toEqual({ tenant: undefined, tenants: [], isToken: false })
  })
})

describe('the tenant whose numbers are shown', () => {
  const one = { credential: token('s', { tenantId: 'a' }) }
  const listOfOne = { credential: token('s', { tenantIds: ['a'] }) }
  const several = { credential: token('s', { tenantIds: ['a', 'b'] }) }
  const key = { credential: 'oak_key' }

  test('is that of the token, or the only one of its list', () => {
    expect([tenantOf(one, 'other'), tenantOf(listOfOne, undefined), tenantOf(listOfOne, 'other')]).toEqual([
      'a',
      'a',
      'a',
    ])
    expect([needsTenantChoice(one, undefined), needsTenantChoice(listOfOne, undefined)]).toEqual([false, false])
  })

  test('has to be chosen from a list of several', () => {
    expect([tenantOf(several, 'b'), tenantOf(several, undefined), tenantOf(several, 'c')]).toEqual([
      'b',
      undefined,
      undefined,
    ])
    expect([needsTenantChoice(several, 'b'), needsTenantChoice(several, 'c')]).toEqual([false, true])
  })

  test('is known to the service only for an API key', () => {
    expect([tenantOf(key, 'a'), needsTenantChoice(key, undefined)]).toEqual([undefined, false])
  })
})
