/**
 * Who asks: a bearer token comes in, a principal leaves. The tenant comes from the token and from nowhere else.
 */
import {
  createRemoteJWKSet,
  type CryptoKey,
  decodeProtectedHeader,
  errors as joseErrors,
  importSPKI,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose'
import { ApiFailure } from '../errors.ts'
import { isTenantId } from '../tenant.ts'

export interface Principal {
  readonly tenantId: string
  readonly subject: string | undefined
  readonly scopes: ReadonlySet<string>
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

export interface AuthOptions {
  readonly secret: string | undefined
  /** PEM (SPKI). */
  readonly publicKey: string | undefined
  readonly jwksUrl: string | undefined
  readonly issuer: string | undefined
  readonly audience: string | undefined
}

export const READ_SCOPE = 'analytics:read'

/** Longer than any honest token. */
const MAX_TOKEN_LENGTH = 8_192
/** Shorter RSA keys are refused for every token (RFC 7518, 3.3): better said at the start. */
const MIN_RSA_BITS = 2_048
const ASYMMETRIC = ['RS256', 'ES256', 'EdDSA'] as const
type Asymmetric = (typeof ASYMMETRIC)[number]

export type Authenticate = (authorization: string | null) => Promise<Principal>

/** Makes the check of an Authorization header. It rejects with UNAUTHORIZED, the same for every reason, or UNAVAILABLE when the keys cannot be fetched. */
export async function createAuthenticator(options: AuthOptions): Promise<Authenticate> {
  const secret = options.secret === undefined ? undefined : new TextEncoder().encode(options.secret)
  const own = options.publicKey === undefined ? undefined : await importPublicKey(options.publicKey)
  const jwks = options.jwksUrl === undefined ? undefined : remoteKeys(options.jwksUrl)
  const claims: JWTVerifyOptions = {
    requiredClaims: ['exp'],
    ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
    ...(options.audience === undefined ? {} : { audience: options.audience }),
  }

  // Each key serves its own algorithms only: a public key can never be taken for an HMAC secret.
  const verify = async (token: string): Promise<JWTPayload> => {
    const { alg } = decodeProtectedHeader(token)
    if (alg === 'HS256' && secret) return (await jwtVerify(token, secret, { ...claims, algorithms: ['HS256'] })).payload
    if (own && alg === own.algorithm)
      return (await jwtVerify(token, own.key, { ...claims, algorithms: [own.algorithm] })).payload
    if (jwks && isAsymmetric(alg)) return (await jwtVerify(token, jwks, { ...claims, algorithms: [alg] })).payload
    throw unauthorized()
  }

  return async (authorization) => {
    const token = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i.exec(authorization ?? '')?.[1]
    if (token === undefined || token.length > MAX_TOKEN_LENGTH) throw unauthorized()
    let payload: JWTPayload
    try {
      payload = await verify(token)
    } catch (error) {
      throw error instanceof ApiFailure ? error : unauthorized(error)
    }
    return principalOf(payload)
  }
}

/** The keys of a JWKS address: cached, fetched again when an unknown key id turns up, so that keys rotate without a restart. */
function remoteKeys(url: string): JWTVerifyGetKey {
  const fetchKey = createRemoteJWKSet(new URL(url), { timeoutDuration: 5_000 })
  return async (header, token) => {
    try {
      return await fetchKey(header, token)
    } catch (error) {
      if (error instanceof joseErrors.JWKSNoMatchingKey || error instanceof joseErrors.JWKSMultipleMatchingKeys)
        throw error
      throw new ApiFailure(
        'UNAVAILABLE',
        'The keys that tokens are checked with cannot be fetched right now.',
        [],
        error,
      )
    }
  }
}

export function requireScope(principal: Principal, scope: string): void {
  if (!principal.scopes.has(scope)) throw new ApiFailure('FORBIDDEN', `The token lacks the scope ${scope}.`)
}

function principalOf({
  tenantId,
  sub,
  scope,
  exp = 0,
}: JWTPayload & { tenantId?: unknown; scope?: unknown }): Principal {
  if (!isTenantId(tenantId)) throw unauthorized()
  if (scope !== undefined && typeof scope !== 'string') throw unauthorized()
  return {
    tenantId,
    subject: sub,
    scopes: new Set(scope === undefined ? [READ_SCOPE] : scope.split(' ')),
    expiresAt: exp * 1000,
  }
}

/** The key with the one algorithm it is for. Rejects with a sentence that names the variable. */
export async function importPublicKey(pem: string): Promise<{ key: CryptoKey; algorithm: Asymmetric }> {
  for (const algorithm of ASYMMETRIC) {
    const key = await importSPKI(pem, algorithm).catch(() => undefined)
    if (!key) continue
    const { modulusLength = MIN_RSA_BITS } = key.algorithm as { modulusLength?: number }
    if (modulusLength < MIN_RSA_BITS)
      throw new Error(`JWT_PUBLIC_KEY has to be an RSA key of at least ${MIN_RSA_BITS} bits.`)
    return { key, algorithm }
  }
  throw new Error('JWT_PUBLIC_KEY is no RSA, P-256 or Ed25519 public key.')
}

function isAsymmetric(algorithm: string | undefined): algorithm is Asymmetric {
  return (ASYMMETRIC as readonly (string | undefined)[]).includes(algorithm)
}

function unauthorized(cause?: unknown): ApiFailure {
  return new ApiFailure('UNAUTHORIZED', 'A valid bearer token is required.', [], cause)
}
