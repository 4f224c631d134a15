import { describe, expect, test } from 'bun:test'
import { handleApiKeyRequest, type ApiKeyRequest, parseApiKeyRequest } from '../../../src/cli/api-key-requests.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'

const create = { action: 'create', tenant: 'tenant-1', scopes: ['analytics:read'] }
const ID = '0123456789abcdef'
const unused = () => Promise.reject(new Error('The store is not asked.'))

describe('a request about keys', () => {
  test.each([
    [create, { action: 'create', tenantId: 'tenant-1', scopes: ['analytics:read'], validForMs: undefined }],
    [{ ...create, expires: '90d' }, { validForMs: 90 * 86_400_000 }],
    [{ ...create, expires: '12h' }, { validForMs: 12 * 3_600_000 }],
    [{ ...create, scopes: ['analytics:read', 'analytics:read'] }, { scopes: ['analytics:read'] }],
    [{ action: 'list' }, { action: 'list', tenantId: undefined }],
    [
      { action: 'list', tenant: 'a' },
      { action: 'list', tenantId: 'a' },
    ],
    [
      { action: 'revoke', id: ID },
      { action: 'revoke', id: ID },
    ],
  ])('is read: %j', (request, command) => {
    expect(parseApiKeyRequest(request)).toMatchObject(command)
  })

  const wrong: readonly (readonly [ApiKeyRequest, string])[] = [
    [{}, 'create, list or revoke'],
    [{ action: 'make' }, 'create, list or revoke'],
    [{ ...create, tenant: undefined }, '--tenant'],
    [{ ...create, tenant: "a'b" }, '--tenant'],
    [{ ...create, tenant: ['a'] }, '--tenant'],
    [{ ...create, scopes: undefined }, '--scope'],
    [{ ...create, scopes: [] }, '--scope'],
    [{ ...create, scopes: ['analytics:read', 'analytics:write'] }, '--scope'],
    [{ ...create, scopes: ['toString'] }, '--scope'],
    ...['', '90', '0d', '-1d', '1.5d', '90 d', '90m', '10000d', 'd', '1e3d', 90].map(
      (expires) => [{ ...create, expires }, '--expires'] as const,
    ),
    [{ action: 'list', tenant: 'a b' }, '--tenant'],
    [{ action: 'revoke' }, 'the id of a key'],
    [{ action: 'revoke', id: `oak_${ID}` }, 'the id of a key'],
  ]
  test.each([null, 42, 'list', true, []])('is refused with words when it is no request at all: %j', async (request) => {
    const reported: unknown[] = []
    const store = { find: unused, list: unused, add: unused, revoke: unused }
    const options = { clock: new ManualClock(0), report: (...report: unknown[]) => void reported.push(report) }
    const answer = handleApiKeyRequest(request, store, options)
    expect(await answer.catch((error: Error) => error.message)).toContain('create, list or revoke')
    expect(reported).toEqual([])
  })

  test.each(wrong)('is refused with words: %j', (request, word) => {
    expect(() => parseApiKeyRequest(request)).toThrow(word)
  })
})
