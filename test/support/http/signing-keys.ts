import {
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
  exportJWK,
  exportSPKI,
  generateKeyPair,
} from 'jose'
import type { Claims } from './tokens.ts'

export const ASYMMETRIC_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const
export type AsymmetricAlgorithm = (typeof ASYMMETRIC_ALGORITHMS)[number]

/** A new key pair: the public key as PEM and as JWK, the private key for signing. */
export interface SigningKey {
  readonly algorithm: AsymmetricAlgorithm
  readonly pem: string
  readonly jwk: JWK
  readonly privateKey: CryptoKey
  /** A token that is valid for an hour; `header` extends and overrides the default header. */
  sign(claims: Claims, header?: { readonly [name in keyof JWTHeaderParameters]?: unknown }): Promise<string>
}

export async function makeSigningKey(algorithm: AsymmetricAlgorithm, kid?: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const named = kid === undefined ? {} : { kid }
  return {
    algorithm,
    pem: await exportSPKI(publicKey),
    jwk: { ...(await exportJWK(publicKey)), ...named, alg: algorithm, use: 'sig' },
    privateKey,
    sign: (claims, header = {}) =>
      new SignJWT({ ...claims } as Record<string, unknown>)
        .setProtectedHeader({ alg: algorithm, ...named, ...header } as JWTHeaderParameters)
        .setExpirationTime('1h')
        .sign(privateKey),
  }
}
