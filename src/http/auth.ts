/**
 * Who asks: the headers of a request come in, a principal leaves. The tenant comes from the token or the API key; `x-tenant-id` only chooses among those of a token.
 */
import { ApiFailure } from '../errors.ts'
import { isTenantId } from '../tenant.ts'
import type { ApiKeyRing } from './api-key-ring.ts'
import type { TokenClaims } from './claims.ts'
import { API_KEY_HEADER, TENANT_HEADER } from './credential-headers.ts'
import type { KeptApiKey } from './ports.ts'
import { allowedBy, type Scope } from './scopes.ts'
import { createTokenCheck, type TokenOptions } from './tokens.ts'

export interface Principal {
  readonly tenantId: string
  /** What it is known by in logs: a token's `sub`, or `key:` and the id of an API key. */
  readonly subject: string | undefined
  readonly scopes: ReadonlySet<Scope>
  /** Epoch milliseconds; Infinity = never. */
  readonly expiresAt: number
}

export const READ_SCOPE = 'analytics:read'
export const EXPORT_SCOPE = 'analytics:export'

/** Longer than any honest token. */
const MAX_TOKEN_LENGTH = 8_192
const MAX_TENANTS = 100
/** RFC 9110: one or more blanks between the scheme and the credential. */
const BEARER = /^Bearer +(\S+)$/i
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

export type Authenticate = (headers: Headers) => Promise<Principal>

/**
 * Makes the check of a request's credentials. It rejects with UNAUTHORIZED, the same for every reason, with FORBIDDEN when a token is for several tenants and none of
 * them is chosen, or with UNAVAILABLE when the keys cannot be fetched.
 */
export async function createAuthenticator(
  options: TokenOptions,
  apiKeys: Pick<ApiKeyRing, 'find'>,
): Promise<Authenticate> {
  const checkToken = await createTokenCheck(options)
  return async (headers) => {
    // An empty header is none.
    const [authorization, apiKey] = [
      headers.get('authorization') || undefined,
      headers.get(API_KEY_HEADER) || undefined,
    ]
    const bearer = BEARER.exec(authorization ?? '')?.[1]
    // Generated clients send one credential in both headers. Two different ones are refused: neither takes precedence.
    if (authorization !== undefined && apiKey !== undefined && bearer !== apiKey) throw unauthorized()
    if (bearer !== undefined && JWT.test(bearer) && bearer.length <= MAX_TOKEN_LENGTH)
      return principalOfToken(await claimsOf(bearer, checkToken), headers.get(TENANT_HEADER))
    const key = await apiKeys.find(apiKey ?? bearer ?? '')
    if (!key) throw unauthorized()
    return principalOfKey(key)
  }
}

export function requireScope(principal: Principal, scope: Scope): void {
  if (!principal.scopes.has(scope)) throw new ApiFailure('FORBIDDEN', `The token or key lacks the scope ${scope}.`)
}

async function claimsOf(token: string, check: (token: string) => Promise<TokenClaims>): Promise<TokenClaims> {
  try {
    return await check(token)
  } catch (error) {
    throw error instanceof ApiFailure ? error : unauthorized(error)
  }
}

function principalOfToken(claims: TokenClaims, chosenTenant: string | null): Principal {
  const { sub, exp, scope } = claims
  return {
    tenantId: tenantOf(claims, chosenTenant),
    subject: sub,
    // Who was given no scopes is a person, and who may read may take the same numbers away.
    scopes: allowedBy(scope === undefined ? [READ_SCOPE, EXPORT_SCOPE] : scope.split(' ')),
    expiresAt: exp * 1000,
  }
}

function tenantOf({ tenantId, tenantIds }: TokenClaims, chosen: string | null): string {
  if (tenantId !== undefined && !isTenantId(tenantId)) throw unauthorized()
  if (tenantIds === undefined) {
    if (tenantId === undefined) throw unauthorized()
    return tenantId
  }
  if (tenantIds.length === 0 || tenantIds.length > MAX_TENANTS) throw unauthorized()
  if (!tenantIds.every(isTenantId)) throw unauthorized()
  const found = tenantIds.find((each) => each === chosen)
  if (found === undefined)
    throw new ApiFailure(
      'FORBIDDEN',
      `The token is for several tenants: the header ${TENANT_HEADER} has to name one of them.`,
    )
  return found
}

function principalOfKey({ id, tenantId, scopes, expiresAt }: KeptApiKey): Principal {
  return { tenantId, subject: `key:${id}`, scopes: allowedBy(scopes), expiresAt: expiresAt ?? Infinity }
}

export function unauthorized(cause?: unknown): ApiFailure {
  return new ApiFailure('UNAUTHORIZED', 'A valid bearer token or API key is required.', [], cause)
}
