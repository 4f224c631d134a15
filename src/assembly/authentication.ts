import type { Store } from '../clickhouse/connection/store-connection.ts'
import { createApiKeyStore } from '../clickhouse/access/api-key-store.ts'
import type { Config } from '../config.ts'
import { ApiKeyCache } from '../http/auth/api-key-cache.ts'
import { type Authenticate, createAuthenticator } from '../http/auth/authenticator.ts'
import type { Platform } from './platform.ts'

/** Verifies tokens by the configured keys, and API keys by the store. */
export function createAuthentication(
  { jwtPublicKey: publicKey, jwtJwksUrl: jwksUrl, jwtIssuer: issuer, jwtAudience: audience }: Config,
  { jwtSecret: secret, clock }: Pick<Platform, 'jwtSecret' | 'clock'>,
  store: Store,
): Promise<Authenticate> {
  const keys = new ApiKeyCache(createApiKeyStore(store), clock)
  return createAuthenticator({ secret, publicKey, jwksUrl, issuer, audience }, keys)
}
