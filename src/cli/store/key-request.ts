import type { Clock } from '../../base/clock.ts'
import { isTenantId } from '../../base/tenant-id.ts'
import { type ApiKeyRecord, type ApiKeyStore, createApiKeyStore } from '../../clickhouse/access/api-key-store.ts'
import { CommandFailure } from '../../base/errors.ts'
import { createApiKey, hashSecret } from '../../http/auth/api-key.ts'
import { isScope, type Scope, SCOPES } from '../../http/auth/scopes.ts'
import { parseDuration } from '../duration.ts'
import { InvalidStoreRequest, type StoreRequestContext } from './store-request.ts'

/** A request about API keys as it was typed, before any check. */
export interface ApiKeyRequest {
  readonly action?: unknown
  readonly tenant?: unknown
  readonly scopes?: unknown
  readonly expires?: unknown
  readonly id?: unknown
}

export type ApiKeyCommand =
  | {
      readonly action: 'create'
      readonly tenantId: string
      readonly scopes: readonly Scope[]
      /** Undefined = never. */
      readonly validForMs: number | undefined
    }
  | { readonly action: 'list'; readonly tenantId: string | undefined }
  | { readonly action: 'revoke'; readonly id: string }

const LIFETIME_PATTERN = /^[1-9]\d{0,3}[hd]$/

/** Parses a request. Throws an InvalidStoreRequest that names the problem. */
export function parseApiKeyRequest({ action, tenant, scopes, expires, id }: ApiKeyRequest): ApiKeyCommand {
  if (tenant !== undefined && !isTenantId(tenant))
    throw new InvalidStoreRequest('--tenant must be 1 to 128 of A-Z a-z 0-9 . _ : -')
  if (action === 'list') return { action, tenantId: tenant }
  if (action === 'revoke') {
    if (typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id))
      throw new InvalidStoreRequest('The id of a key must be 16 hexadecimal digits, as list prints it.')
    return { action, id }
  }
  if (action !== 'create') throw new InvalidStoreRequest('The action must be create, list or revoke.')
  if (tenant === undefined)
    throw new InvalidStoreRequest('--tenant is required: the tenant whose data the key can read.')
  const requestedScopes = Array.isArray(scopes) ? scopes.map(String) : []
  if (requestedScopes.length === 0 || !requestedScopes.every(isScope))
    throw new InvalidStoreRequest(`--scope must be one or more of ${SCOPES.join(', ')}.`)
  if (expires !== undefined && (typeof expires !== 'string' || !LIFETIME_PATTERN.test(expires)))
    throw new InvalidStoreRequest('--expires must be hours or days, such as 12h or 90d, at most 9999.')
  const validForMs = expires === undefined ? undefined : parseDuration(expires, ['h', 'd'])
  return { action, tenantId: tenant, scopes: [...new Set(requestedScopes)], validForMs }
}

/** Yields one object per line of output. Throws a CommandFailure or a StoreFailure. */
export async function* runKeyRequest(
  request: ApiKeyRequest,
  { store, clock }: StoreRequestContext,
): AsyncGenerator<object> {
  yield* await runApiKeyCommand(parseApiKeyRequest(request), createApiKeyStore(store), clock)
}

/** One object per line of output. The line of a new key contains the key itself, which is stored nowhere. Rejects with a CommandFailure or a StoreFailure. */
export async function runApiKeyCommand(command: ApiKeyCommand, store: ApiKeyStore, clock: Clock): Promise<object[]> {
  if (command.action === 'list') return (await store.list(command.tenantId)).map(outputLineOf)
  if (command.action === 'revoke') {
    const revoked = await store.revoke(command.id, clock.now())
    if (!revoked) throw new CommandFailure(`There is no key ${command.id}.`)
    return [outputLineOf(revoked)]
  }
  const { id, secret, text } = createApiKey()
  const createdAt = clock.now()
  const key = {
    id,
    tenantId: command.tenantId,
    secretHash: await hashSecret(secret),
    scopes: command.scopes,
    createdAt,
    expiresAt: command.validForMs === undefined ? undefined : createdAt + command.validForMs,
  }
  await store.add(key)
  return [{ ...outputLineOf({ ...key, revokedAt: undefined }), key: text }]
}

/** A key without the hash of its secret. */
function outputLineOf({ id, tenantId, scopes, createdAt, expiresAt, revokedAt }: ApiKeyRecord): object {
  return {
    id,
    tenantId,
    scopes,
    createdAt: instant(createdAt),
    expiresAt: expiresAt === undefined ? null : instant(expiresAt),
    revokedAt: revokedAt === undefined ? null : instant(revokedAt),
  }
}

function instant(at: number): string {
  return new Date(at).toISOString()
}
