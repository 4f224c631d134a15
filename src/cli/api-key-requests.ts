/**
 * What people do with API keys: create, list, revoke. A request comes in from the command line, by itself or through a running service; lines for its output leave.
 */
import type { ApiKeyRecord, ApiKeyStore } from '../clickhouse/access/api-key-store.ts'
import type { Clock } from '../base/clock.ts'
import { StoreFailure } from '../base/errors.ts'
import { hashSecret, createApiKey } from '../http/auth/api-key.ts'
import { isScope, type Scope, SCOPES } from '../http/auth/scopes.ts'
import { isTenantId } from '../base/tenant-id.ts'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'

/** A request as it was typed; nothing of it is checked yet. */
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

/** A request that cannot be fulfilled, said to the person who made it. */
export class ApiKeyRequestError extends Error {
  override readonly name = 'ApiKeyRequestError'
}

const UNIT_MS = { h: 3_600_000, d: 86_400_000 } as const
const LIFETIME_PATTERN = /^([1-9]\d{0,3})([hd])$/

/** Reads a request. Throws a ApiKeyRequestError that says what is wrong with it. */
export function parseApiKeyRequest({ action, tenant, scopes, expires, id }: ApiKeyRequest): ApiKeyCommand {
  if (tenant !== undefined && !isTenantId(tenant))
    throw new ApiKeyRequestError('--tenant takes 1 to 128 of A-Z a-z 0-9 . _ : -')
  if (action === 'list') return { action, tenantId: tenant }
  if (action === 'revoke') {
    if (typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id))
      throw new ApiKeyRequestError('revoke takes the id of a key, as list shows it: 16 hexadecimal digits.')
    return { action, id }
  }
  if (action !== 'create') throw new ApiKeyRequestError('Expected create, list or revoke.')
  if (tenant === undefined) throw new ApiKeyRequestError('--tenant says whose numbers the key opens.')
  const requestedScopes = Array.isArray(scopes) ? scopes.map(String) : []
  if (requestedScopes.length === 0 || !requestedScopes.every(isScope))
    throw new ApiKeyRequestError(
      `--scope says what the key is good for: ${SCOPES.join(', ')}. It may be given more than once.`,
    )
  const [, count, unit] = LIFETIME_PATTERN.exec(typeof expires === 'string' ? expires : '') ?? []
  if (expires !== undefined && count === undefined)
    throw new ApiKeyRequestError('--expires takes hours or days: 12h, 90d, up to 9999.')
  const validForMs = count === undefined ? undefined : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
  return { action, tenantId: tenant, scopes: [...new Set(requestedScopes)], validForMs }
}

/** Runs a command; one object a line of output. The line of a new key holds its text, which nobody can ever see again. Rejects with a ApiKeyRequestError or a StoreFailure. */
export async function runApiKeyCommand(command: ApiKeyCommand, store: ApiKeyStore, clock: Clock): Promise<object[]> {
  if (command.action === 'list') return (await store.list(command.tenantId)).map(outputLineOf)
  if (command.action === 'revoke') {
    const revoked = await store.revoke(command.id, clock.now())
    if (!revoked) throw new ApiKeyRequestError(`There is no key ${command.id}.`)
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

/** The same for a request that came through the control socket, as any value that is JSON. An exception that is no answer to a person is reported as well. */
export async function handleApiKeyRequest(
  request: unknown,
  store: ApiKeyStore,
  { clock, report }: { readonly clock: Clock; readonly report: ReportUnexpectedError },
): Promise<object[]> {
  try {
    if (typeof request !== 'object' || request === null)
      throw new ApiKeyRequestError('Expected create, list or revoke.')
    return await runApiKeyCommand(parseApiKeyRequest(request), store, clock)
  } catch (error) {
    if (!(error instanceof ApiKeyRequestError || error instanceof StoreFailure)) report('socket', error)
    throw error
  }
}

/** A key as it is shown: the hash of its secret is nobody's business. */
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
