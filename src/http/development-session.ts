/**
 * The session of a developer on their own machine: on the development secret the dashboards' page is signed in already. A request comes in with the address it came
 * from; whether it may have a token leaves, and the token.
 */
import { SignJWT } from 'jose'
import type { Clock } from '../clock.ts'

const DEVELOPMENT_TENANT = 'tenant-1'
/** The page sends it. No form and no plain link of another site can, and a script there would have to ask first, which nobody answers. */
const SESSION_HEADER = 'x-dashboard-session'
const VALID_FOR_S = 3_600

/** What development tokens are signed with, and what has to stand in them. */
export interface DevelopmentKey {
  readonly secret: string
  readonly issuer: string | undefined
  readonly audience: string | undefined
}

interface DevelopmentToken {
  readonly token: string
  readonly tenantId: string
  /** Seconds. */
  readonly expiresIn: number
}

/** Makes the giver of tokens for the development tenant, of an hour unless it is told how many seconds. */
export function createDevelopmentTokens({ secret, issuer, audience }: DevelopmentKey, clock: Clock) {
  const key = new TextEncoder().encode(secret)
  return async (expiresIn = VALID_FOR_S): Promise<DevelopmentToken> => {
    const claims = new SignJWT({ tenantId: DEVELOPMENT_TENANT, scope: 'analytics:read analytics:export' })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('developer')
      .setExpirationTime(Math.floor(clock.now() / 1000) + expiresIn)
    if (issuer !== undefined) claims.setIssuer(issuer)
    if (audience !== undefined) claims.setAudience(audience)
    return { token: await claims.sign(key), tenantId: DEVELOPMENT_TENANT, expiresIn }
  }
}

/** Names that a browser resolves to this machine without asking anybody. */
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i
const LOOPBACK_ADDRESS = /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/i
/** A proxy on this machine makes every visitor look local. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']

/**
 * Whether a request comes from a page of ours in a browser on this machine. The address alone would let any site in that browser in, the host any name that was
 * bent to this machine (DNS rebinding), and both together whatever a proxy brings.
 */
export function mayHaveDevelopmentToken(headers: Headers, address: string): boolean {
  const host = headers.get('host') ?? ''
  const origin = headers.get('origin')
  return (
    LOOPBACK_ADDRESS.test(address) &&
    LOOPBACK_HOST.test(host) &&
    (origin === null || origin.toLowerCase() === `http://${host.toLowerCase()}`) &&
    headers.get('sec-fetch-site') === 'same-origin' &&
    headers.get(SESSION_HEADER) === '1' &&
    PROXY_HEADERS.every((name) => !headers.has(name))
  )
}
