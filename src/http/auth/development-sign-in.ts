/**
 * The session of a developer: on the development secret a link signs them into the dashboards' page, once. Its code comes in, a token leaves.
 */
import { SignJWT } from 'jose'
import type { Clock } from '../../base/clock.ts'

const DEVELOPMENT_TENANT = 'tenant-1'
/** The page sends the code in it. No form and no plain link of another site can, and a script there would have to ask first, which nobody answers. */
export const SIGN_IN_CODE_HEADER = 'x-sign-in-code'
/** A working day: the page does not renew it. */
const TOKEN_LIFETIME_SECONDS = 12 * 3_600

/** What development tokens are signed with, and what has to stand in them. */
export interface DevelopmentKey {
  readonly secret: string
  readonly issuer: string | undefined
  readonly audience: string | undefined
}

/** What there is on the development secret alone. */
export interface DevelopmentSignIn {
  readonly key: DevelopmentKey
  /** Whether a sign-in code is good; if so it is used up. */
  readonly redeem: (code: string) => boolean
}

interface DevelopmentToken {
  readonly token: string
  readonly tenantId: string
  /** Seconds. */
  readonly expiresIn: number
}

/** Makes the giver of tokens for the development tenant, of twelve hours unless it is told how many seconds. */
export function createDevelopmentTokenIssuer({ secret, issuer, audience }: DevelopmentKey, clock: Clock) {
  const key = new TextEncoder().encode(secret)
  return async (expiresIn = TOKEN_LIFETIME_SECONDS): Promise<DevelopmentToken> => {
    const claims = new SignJWT({ tenantId: DEVELOPMENT_TENANT, scope: 'analytics:read analytics:export' })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('developer')
      .setExpirationTime(Math.floor(clock.now() / 1000) + expiresIn)
    if (issuer !== undefined) claims.setIssuer(issuer)
    if (audience !== undefined) claims.setAudience(audience)
    return { token: await claims.sign(key), tenantId: DEVELOPMENT_TENANT, expiresIn }
  }
}
