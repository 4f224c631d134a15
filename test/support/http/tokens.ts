import { createHmac } from 'node:crypto'

export interface Claims {
  readonly tenantId?: unknown
  readonly tenantIds?: unknown
  readonly exp?: unknown
  readonly nbf?: unknown
  readonly iat?: unknown
  readonly sub?: unknown
  readonly scope?: unknown
  readonly iss?: unknown
  readonly aud?: unknown
}

const encoded = (text: string) => Buffer.from(text).toString('base64url')

/**
 * A JWT signed with HMAC-SHA256 whatever algorithm `header` names, for tests of incorrect headers.
 * It expires in an hour unless `claims` has its own `exp` (seconds since 1970; `undefined` leaves the claim out).
 */
export function token(secret: string, claims: Claims, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const payload = { exp: Math.floor(Date.now() / 1000) + 3600, sub: 'a-user', ...claims }
  return tokenOfText(secret, JSON.stringify(payload), header)
}

/** The same with a payload as text, for numbers that JavaScript cannot represent. */
export function tokenOfText(secret: string, payload: string, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const signed = `${encoded(JSON.stringify(header))}.${encoded(payload)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
