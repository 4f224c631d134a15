import { describe, expect, test } from 'bun:test'
import { mayWrite, refuseWrites } from '../../../src/web/definitions/write-access.ts'
import { token } from '../../support/http/tokens.ts'

const active = (credential: string) => ({ kind: 'active' as const, session: { credential } })

describe('whether the user may change what is saved', () => {
  test('a token says so itself; without scopes it may not', () => {
    expect(mayWrite(active(token('s', { tenantId: 't', scope: 'analytics:read analytics:write' })))).toBe(true)
    expect(mayWrite(active(token('s', { tenantId: 't', scope: 'analytics:admin' })))).toBe(true)
    expect(mayWrite(active(token('s', { tenantId: 't', scope: 'analytics:read' })))).toBe(false)
    expect(mayWrite(active(token('s', { tenantId: 't' })))).toBe(false)
    expect(mayWrite({ kind: 'none' })).toBe(false)
  })

  test('an API key may until the service refuses it', () => {
    const state = active('oak_key')
    expect(mayWrite(state)).toBe(true)
    refuseWrites(state.session)
    expect(mayWrite(state)).toBe(false)
    expect(mayWrite(active('oak_key'))).toBe(true)
  })
})
