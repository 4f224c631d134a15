/**
 * Sign-in for development: with the development secret, a link signs a developer into the page of dashboards, once. Its code is exchanged for a token.
 */
import { SignJWT } from 'jose'
import type { Clock } from '../../base/clock.ts'

const DEVELOPMENT_TENANT = 'tenant-1'
/** The page sends the code in this header. A form or link of another site cannot send it, and a script there would need a preflight, which is refused. */
export const SIGN_IN_CODE_HEADER = 'x-sign-in-code'
/** A working day, as the page does not renew the token. */
const TOKEN_LIFETIME_SECONDS = 12 * 3_600

/** The key that signs development tokens, and the claims that they need. */
export interface DevelopmentKey {
  readonly secret: string
  readonly issuer: string | undefined
  readonly audience: string | undefined
}

/** Exists with the development secret only. */
export interface DevelopmentSignIn {
  readonly key: DevelopmentKey
  /** Whether a sign-in code is valid; if so, it is used up. */
  readonly redeem: (code: string) => boolean
}

interface DevelopmentToken {
  readonly token: string
  readonly tenantId: string
  /** Seconds. */
  readonly expiresIn: number
}

/** Makes the function that issues tokens for the development tenant. They expire after twelve hours by default; `expiresIn` is in seconds. */
export function createDevelopmentTokenIssuer({ secret, issuer, audience }: DevelopmentKey, clock: Clock) {
  const key = new TextEncoder().encode(secret)
  return async (expiresIn = TOKEN_LIFETIME_SECONDS): Promise<DevelopmentToken> => {
    const claims = new SignJWT({
      tenantId: DEVELOPMENT_TENANT,
      scope: 'analytics:read analytics:export analytics:contacts analytics:write',
    })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('developer')
      .setExpirationTime(Math.floor(clock.now() / 1000) + expiresIn)
    if (issuer !== undefined) claims.setIssuer(issuer)
    if (audience !== undefined) claims.setAudience(audience)
    return { token: await claims.sign(key), tenantId: DEVELOPMENT_TENANT, expiresIn }
  }
}
