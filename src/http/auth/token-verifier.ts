/**
 * Verifies the signature of a JWT with the configured keys and returns its claims.
 */
import {
  createRemoteJWKSet,
  type CryptoKey,
  decodeProtectedHeader,
  errors as joseErrors,
  importSPKI,
  jwtVerify,
  type JWTVerifyOptions,
  type ProtectedHeaderParameters,
} from 'jose'
import { type Clock, systemClock, createSetBackDetector } from '../../base/clock.ts'
import { ApiFailure } from '../../base/errors.ts'
import { parseClaims, type TokenClaims } from './token-claims.ts'

export interface TokenVerifierOptions {
  readonly secret: string | undefined
  /** PEM (SPKI), one or several, concatenated. */
  readonly publicKey: string | undefined
  readonly jwksUrl: string | undefined
  readonly issuer: string | undefined
  readonly audience: string | undefined
}

/** Every token signed with a shorter RSA key is refused (RFC 7518, 3.3), so such a key is refused at the start. */
const MIN_RSA_BITS = 2_048
const ASYMMETRIC_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const
type AsymmetricAlgorithm = (typeof ASYMMETRIC_ALGORITHMS)[number]

/** Makes the check of a token. It rejects with UNAVAILABLE when the keys cannot be fetched, with anything else when the token is invalid. */
export async function createTokenVerifier(
  options: TokenVerifierOptions,
  clock: Clock = systemClock,
): Promise<(token: string) => Promise<TokenClaims>> {
  const secret = options.secret === undefined ? undefined : await importSecret(options.secret)
  const publicKeys = options.publicKey === undefined ? [] : await importPublicKeys(options.publicKey)
  const jwks = options.jwksUrl === undefined ? undefined : createRemoteKeySource(options.jwksUrl, clock)
  const requirements: JWTVerifyOptions = {
    requiredClaims: ['exp'],
    ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
    ...(options.audience === undefined ? {} : { audience: options.audience }),
  }

  /** The configured keys for the algorithm. Each key serves its own algorithm only: a public key can never be used as an HMAC secret. */
  const configuredKeysFor = (algorithm: string | undefined): readonly CryptoKey[] => {
    if (algorithm === 'HS256') return secret ? [secret] : []
    return publicKeys.filter((each) => each.algorithm === algorithm).map(({ key }) => key)
  }

  /** The claims of a token that one of the keys has signed; undefined when none has. */
  const verifyWith = async (keys: Iterable<CryptoKey> | AsyncIterable<CryptoKey>, token: string, algorithm: string) => {
    for await (const key of keys) {
      try {
        return parseClaims((await jwtVerify(token, key, { ...requirements, algorithms: [algorithm] })).payload)
      } catch (error) {
        // The token was signed with another key, perhaps the next one.
        if (!(error instanceof joseErrors.JWSSignatureVerificationFailed)) throw error
      }
    }
    return undefined
  }

  return async (token) => {
    const header = decodeProtectedHeader(token)
    const algorithm = header.alg ?? ''
    const claims =
      (await verifyWith(configuredKeysFor(algorithm), token, algorithm)) ??
      (jwks && isAsymmetric(algorithm) ? await verifyWith(jwks(header), token, algorithm) : undefined)
    if (!claims) throw new Error('No key matches the signature of the token.')
    return claims
  }
}

/** Imported once, as an import for each token takes longer than the verification. */
function importSecret(secret: string): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  return crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, ['verify'])
}

/** The keys of a JWKS address that a token may be signed with. They are cached, and fetched again when an unknown key id turns up, so that keys rotate without a restart. */
function createRemoteKeySource(
  url: string,
  clock: Clock,
): (header: ProtectedHeaderParameters) => AsyncIterable<CryptoKey> {
  const createKeySet = () => createRemoteJWKSet(new URL(url), { timeoutDuration: 5_000 })
  const readSetBack = createSetBackDetector(clock)
  let fetchKey = createKeySet()
  return async function* (header) {
    // The library measures the age of its list with the wall clock: when that is set back, the list would count as fresh for that much longer.
    if (readSetBack() > 0) fetchKey = createKeySet()
    const found = await fetchKey(header as Parameters<typeof fetchKey>[0]).catch((error: unknown) => error)
    if (found instanceof joseErrors.JWKSMultipleMatchingKeys) yield* found
    else if (found instanceof joseErrors.JWKSNoMatchingKey) return
    else if (found instanceof Error)
      throw new ApiFailure(
        'UNAVAILABLE',
        'The keys that tokens are checked with cannot be fetched right now.',
        [],
        found,
      )
    else yield found as CryptoKey
  }
}

interface PublicKey {
  readonly key: CryptoKey
  readonly algorithm: AsymmetricAlgorithm
}

const PEM_BLOCK = /-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----/g

/** The keys of concatenated PEM blocks, each with its algorithm. Rejects with a sentence that names the variable. */
export async function importPublicKeys(text: string): Promise<PublicKey[]> {
  const blocks = text.match(PEM_BLOCK) ?? []
  if (blocks.length === 0 || text.replaceAll(PEM_BLOCK, '').trim() !== '')
    throw new Error('JWT_PUBLIC_KEY has to hold public keys in PEM form, concatenated, and nothing else.')
  return Promise.all(
    blocks.map((pem, index) => importPublicKey(pem, blocks.length === 1 ? '' : ` (key ${index + 1} of it)`)),
  )
}

async function importPublicKey(pem: string, position: string): Promise<PublicKey> {
  for (const algorithm of ASYMMETRIC_ALGORITHMS) {
    const key = await importSPKI(pem, algorithm).catch(() => undefined)
    if (!key) continue
    const { modulusLength = MIN_RSA_BITS } = key.algorithm as { modulusLength?: number }
    if (modulusLength < MIN_RSA_BITS)
      throw new Error(`JWT_PUBLIC_KEY${position} has to be an RSA key of at least ${MIN_RSA_BITS} bits.`)
    return { key, algorithm }
  }
  throw new Error(`JWT_PUBLIC_KEY${position} is not an RSA, P-256 or Ed25519 public key.`)
}

function isAsymmetric(algorithm: string | undefined): algorithm is AsymmetricAlgorithm {
  return (ASYMMETRIC_ALGORITHMS as readonly (string | undefined)[]).includes(algorithm)
}
