import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'

/** The last second that a date can represent; a later time, or an infinite one (`1e999`), is invalid. */
const MAX_DATE_SECONDS = 8_640_000_000_000

const seconds = () => Type.Number({ minimum: 0, maximum: MAX_DATE_SECONDS })

/** Every claim that the service reads. A token may carry others, which are ignored. */
const TokenClaims = Type.Object({
  exp: seconds(),
  nbf: Type.Optional(seconds()),
  iat: Type.Optional(seconds()),
  iss: Type.Optional(Type.String()),
  aud: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
  sub: Type.Optional(Type.String()),
  scope: Type.Optional(Type.String()),
  tenantId: Type.Optional(Type.String()),
  tenantIds: Type.Optional(Type.Array(Type.String())),
})
export type TokenClaims = Static<typeof TokenClaims>

/** The claims of a verified token. Throws when a claim has the wrong type: a signature proves who wrote a token, not that it is well-formed. */
export function parseClaims(payload: unknown): TokenClaims {
  if (!Value.Check(TokenClaims, payload)) throw new Error('A claim of the token has the wrong type.')
  return payload
}
