import { describe, expect, test } from 'bun:test'
import { type ApiKeyRequest, parseApiKeyRequest } from '../../../src/cli/store/key-request.ts'
import { runStoreRequest } from '../../../src/cli/store/store-requests.ts'
import { InvalidStoreRequest, type StoreRequestContext } from '../../../src/cli/store/store-request.ts'

const create = { action: 'create', tenant: 'tenant-1', scopes: ['analytics:read'] }
const ID = '0123456789abcdef'

describe('a request of a command to the store', () => {
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
  ])('is parsed when it is about keys: %j', (request, command) => {
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
    [{ ...create, scopes: ['analytics:read', 'analytics:delete'] }, '--scope'],
    [{ ...create, scopes: ['toString'] }, '--scope'],
    ...['', '90', '0d', '-1d', '1.5d', '90 d', '90m', '10000d', 'd', '1e3d', 90].map(
      (expires) => [{ ...create, expires }, '--expires'] as const,
    ),
    [{ action: 'list', tenant: 'a b' }, '--tenant'],
    [{ action: 'revoke' }, 'The id of a key'],
    [{ action: 'revoke', id: `oak_${ID}` }, 'The id of a key'],
  ]
  test.each([null, 42, 'list', true, [], {}, { action: 'list' }, { command: 'drop' }, { command: 'toString' }])(
    'is rejected before any use of the store when it is not a request: %j',
    async (request) => {
      const lines = Array.fromAsync(runStoreRequest(request, {} as StoreRequestContext))
      expect(await lines.catch((error: Error) => error.message)).toContain('keys, erase, audit or migrate')
    },
  )

  test.each([
    { command: 'keys', action: 'drop' },
    { command: 'erase', tenant: 'a b', contact: 'c' },
    { command: 'erase', tenant: 'a', contact: '' },
    { command: 'audit', tenant: "a'b", sinceMs: 1, limit: 1 },
    { command: 'audit', tenant: 'a', sinceMs: 1, limit: 1e9 },
    { command: 'audit', tenant: 'a', sinceMs: 'x', limit: 1 },
  ])('is rejected before any use of the store when it is invalid: %j', async (request) => {
    const lines = Array.fromAsync(runStoreRequest(request, {} as StoreRequestContext))
    expect(await lines.catch((error: Error) => error)).toBeInstanceOf(InvalidStoreRequest)
  })

  test.each(wrong)('about keys is rejected with a sentence: %j', (request, word) => {
    expect(() => parseApiKeyRequest(request)).toThrow(word)
  })
})
