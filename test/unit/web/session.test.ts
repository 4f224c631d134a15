import { describe, expect, test } from 'bun:test'
import { normaliseCredential, sessionIdentityOf } from '../../../src/web/state/session.ts'
import { token } from '../../support/http/tokens.ts'

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
