/**
 * What people do with API keys: create, list, revoke. A request comes in from the command line, by itself or through a running service; lines for its output leave.
 */
import type { ApiKeyRecord, ApiKeyStore } from './clickhouse/api-keys.ts'
import type { Clock } from './clock.ts'
import { StoreFailure } from './errors.ts'
import { hashOfSecret, makeApiKey } from './http/api-key.ts'
import { isScope, type Scope, SCOPES } from './http/scopes.ts'
import { isTenantId } from './tenant.ts'
import type { ReportUnexpectedError } from './unexpected-errors.ts'

/** A request as it was typed; nothing of it is checked yet. */
export interface KeyRequest {
  readonly action?: unknown
  readonly tenant?: unknown
  readonly scopes?: unknown
  readonly expires?: unknown
  readonly id?: unknown
}

export type KeyCommand =
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
export class KeyProblem extends Error {
  override readonly name = 'KeyProblem'
}

const UNIT_MS = { h: 3_600_000, d: 86_400_000 } as const
const TERM = /^([1-9]\d{0,3})([hd])$/

/** Reads a request. Throws a KeyProblem that says what is wrong with it. */
export function readKeyRequest({ action, tenant, scopes, expires, id }: KeyRequest): KeyCommand {
  if (tenant !== undefined && !isTenantId(tenant))
    throw new KeyProblem('--tenant takes 1 to 128 of A-Z a-z 0-9 . _ : -')
  if (action === 'list') return { action, tenantId: tenant }
  if (action === 'revoke') {
    if (typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id))
      throw new KeyProblem('revoke takes the id of a key, as list shows it: 16 hexadecimal digits.')
    return { action, id }
  }
  if (action !== 'create') throw new KeyProblem('Expected create, list or revoke.')
  if (tenant === undefined) throw new KeyProblem('--tenant says whose numbers the key opens.')
  const named = Array.isArray(scopes) ? scopes.map(String) : []
  if (named.length === 0 || !named.every(isScope))
    throw new KeyProblem(`--scope says what the key is good for: ${SCOPES.join(', ')}. It may be given more than once.`)
  const [, count, unit] = TERM.exec(typeof expires === 'string' ? expires : '') ?? []
  if (expires !== undefined && count === undefined)
    throw new KeyProblem('--expires takes hours or days: 12h, 90d, up to 9999.')
  const validForMs = count === undefined ? undefined : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
  return { action, tenantId: tenant, scopes: [...new Set(named)], validForMs }
}

/** Runs a command; one object a line of output. The line of a new key holds its text, which nobody can ever see again. Rejects with a KeyProblem or a StoreFailure. */
export async function runKeyCommand(command: KeyCommand, store: ApiKeyStore, clock: Clock): Promise<object[]> {
  if (command.action === 'list') return (await store.list(command.tenantId)).map(lineOf)
  if (command.action === 'revoke') {
    const revoked = await store.revoke(command.id, clock.now())
    if (!revoked) throw new KeyProblem(`There is no key ${command.id}.`)
    return [lineOf(revoked)]
  }
  const { id, secret, text } = makeApiKey()
  const createdAt = clock.now()
  const key = {
    id,
    tenantId: command.tenantId,
    secretHash: await hashOfSecret(secret),
    scopes: command.scopes,
    createdAt,
    expiresAt: command.validForMs === undefined ? undefined : createdAt + command.validForMs,
  }
  await store.add(key)
  return [{ ...lineOf({ ...key, revokedAt: undefined }), key: text }]
}

/** The same for a request that came through the control socket, as any value that is JSON. An exception that is no answer to a person is reported as well. */
export async function answerKeyRequest(
  request: unknown,
  store: ApiKeyStore,
  { clock, report }: { readonly clock: Clock; readonly report: ReportUnexpectedError },
): Promise<object[]> {
  try {
    if (typeof request !== 'object' || request === null) throw new KeyProblem('Expected create, list or revoke.')
    return await runKeyCommand(readKeyRequest(request), store, clock)
  } catch (error) {
    if (!(error instanceof KeyProblem || error instanceof StoreFailure)) report('socket', error)
    throw error
  }
}

/** A key as it is shown: the hash of its secret is nobody's business. */
function lineOf({ id, tenantId, scopes, createdAt, expiresAt, revokedAt }: ApiKeyRecord): object {
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
