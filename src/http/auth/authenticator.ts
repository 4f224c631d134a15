/**
 * Authenticates a request by its headers. The tenant comes from the token or the API key; `x-tenant-id` only selects one of the tenants of a token.
 */
import { ApiFailure } from '../../base/errors.ts'
import { isTenantId } from '../../base/tenant-id.ts'
import type { ApiKeyCache } from './api-key-cache.ts'
import type { TokenClaims } from './token-claims.ts'
import { API_KEY_HEADER, TENANT_HEADER } from './credential-headers.ts'
import type { StoredApiKey } from '../ports.ts'
import { CONTACTS_SCOPE, EXPORT_SCOPE, expandScopes, READ_SCOPE, type Scope } from './scopes.ts'
import { createTokenVerifier, type TokenVerifierOptions } from './token-verifier.ts'

export interface Principal {
  readonly tenantId: string
  /** For logs and the audit trail: the `sub` of a token, or `key:` and the id of an API key. */
  readonly subject: string | undefined
  readonly scopes: ReadonlySet<Scope>
  /** Epoch milliseconds; Infinity = never. */
  readonly expiresAt: number
}

/** Longer than tokens of identity providers are. */
const MAX_TOKEN_LENGTH = 8_192
const MAX_TENANTS = 100
/** RFC 9110: one or more spaces between the scheme and the credential. */
const BEARER_PATTERN = /^Bearer +(\S+)$/i
const JWT_PATTERN = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

export type Authenticate = (headers: Headers) => Promise<Principal>

/**
 * Makes the function that authenticates a request. It rejects with UNAUTHORIZED, the same for every reason, with FORBIDDEN when a token is for several tenants and none of
 * them is selected, and with UNAVAILABLE when the keys cannot be fetched.
 */
export async function createAuthenticator(
  options: TokenVerifierOptions,
  apiKeys: Pick<ApiKeyCache, 'find'>,
): Promise<Authenticate> {
  const verifyToken = await createTokenVerifier(options)
  return async (headers) => {
    // An empty header counts as none.
    const [authorization, apiKey] = [
      headers.get('authorization') || undefined,
      headers.get(API_KEY_HEADER) || undefined,
    ]
    const bearer = BEARER_PATTERN.exec(authorization ?? '')?.[1]
    // Generated clients send one credential in both headers. Two different ones are refused: neither takes precedence.
    if (authorization !== undefined && apiKey !== undefined && bearer !== apiKey) throw unauthorized()
    if (bearer !== undefined && JWT_PATTERN.test(bearer) && bearer.length <= MAX_TOKEN_LENGTH)
      return principalOfToken(await verifiedClaims(bearer, verifyToken), headers.get(TENANT_HEADER))
    const key = await apiKeys.find(apiKey ?? bearer ?? '')
    if (!key) throw unauthorized()
    return principalOfKey(key)
  }
}

export function requireScope(principal: Principal, scope: Scope): void {
  if (!principal.scopes.has(scope)) throw new ApiFailure('FORBIDDEN', `The token or key lacks the scope ${scope}.`)
}

async function verifiedClaims(
  token: string,
  verifyToken: (token: string) => Promise<TokenClaims>,
): Promise<TokenClaims> {
  try {
    return await verifyToken(token)
  } catch (error) {
    throw error instanceof ApiFailure ? error : unauthorized(error)
  }
}

function principalOfToken(claims: TokenClaims, requestedTenant: string | null): Principal {
  const { sub, exp, scope } = claims
  return {
    tenantId: tenantOf(claims, requestedTenant),
    subject: sub,
    // A token without the claim is for a person, who may read everything and export it.
    scopes: expandScopes(scope === undefined ? [READ_SCOPE, EXPORT_SCOPE, CONTACTS_SCOPE] : scope.split(' ')),
    expiresAt: exp * 1000,
  }
}

function tenantOf({ tenantId, tenantIds }: TokenClaims, requestedTenant: string | null): string {
  if (tenantId !== undefined && !isTenantId(tenantId)) throw unauthorized()
  if (tenantIds === undefined) {
    if (tenantId === undefined) throw unauthorized()
    return tenantId
  }
  if (tenantIds.length === 0 || tenantIds.length > MAX_TENANTS) throw unauthorized()
  if (!tenantIds.every(isTenantId)) throw unauthorized()
  const selected = tenantIds.find((each) => each === requestedTenant)
  if (selected === undefined)
    throw new ApiFailure(
      'FORBIDDEN',
      `The token is for several tenants: the header ${TENANT_HEADER} has to name one of them.`,
    )
  return selected
}

function principalOfKey({ id, tenantId, scopes, expiresAt }: StoredApiKey): Principal {
  return { tenantId, subject: `key:${id}`, scopes: expandScopes(scopes), expiresAt: expiresAt ?? Infinity }
}

export function unauthorized(cause?: unknown): ApiFailure {
  return new ApiFailure('UNAUTHORIZED', 'A valid bearer token or API key is required.', [], cause)
}
