import { token } from '../../support/http/tokens.ts'

/** The credential of a request in a printable and repeatable form, because a token is valid for an hour only. */
export interface Credential {
  readonly tenant: string
  /** The defect of the credential; a valid one has none. */
  readonly flaw?: Flaw
}

type Headers = readonly string[]
type Parts = readonly [head: string, payload: string, signature: string]

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const nowS = () => Math.floor(Date.now() / 1000)
const partsOf = (jwt: string) => jwt.split('.') as unknown as Parts

/** The Authorization headers of each defect. */
const FLAWS = {
  none: () => [],
  empty: () => [''],
  'scheme-only': () => ['Bearer'],
  'other-scheme': (_, jwt) => [`Basic ${jwt}`],
  'no-scheme': (_, jwt) => [jwt],
  'token-in-quotes': (_, jwt) => [`Bearer "${jwt}"`],
  'token-twice': (_, jwt) => [`Bearer ${jwt}, Bearer ${jwt}`],
  'two-headers': (_, jwt) => [`Bearer ${jwt}`, `Bearer ${jwt}`],
  'alg-none': (_, jwt) => [`Bearer ${encoded({ alg: 'none' })}.${partsOf(jwt)[1]}.`],
  'alg-none-signed': (secret, _, tenantId) => [`Bearer ${token(secret, { tenantId }, { alg: 'none' })}`],
  'alg-of-another-key': (secret, _, tenantId) => [`Bearer ${token(secret, { tenantId }, { alg: 'RS256' })}`],
  'alg-hs512': (secret, _, tenantId) => [`Bearer ${token(secret, { tenantId }, { alg: 'HS512' })}`],
  'other-secret': (secret, _, tenantId) => [`Bearer ${token(`${secret}x`, { tenantId })}`],
  'empty-secret': (_, __, tenantId) => [`Bearer ${token('', { tenantId })}`],
  'no-signature': (_, jwt) => [`Bearer ${partsOf(jwt).slice(0, 2).join('.')}.`],
  'two-parts': (_, jwt) => [`Bearer ${partsOf(jwt).slice(0, 2).join('.')}`],
  'payload-of-another': (secret, jwt) => {
    const [head, , signature] = partsOf(jwt)
    return [`Bearer ${head}.${partsOf(token(secret, { tenantId: 'someone' }))[1]}.${signature}`]
  },
  'signature-changed': (_, jwt) => {
    const [head, payload, signature] = partsOf(jwt)
    return [`Bearer ${head}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`]
  },
  expired: (secret, _, tenantId) => [`Bearer ${token(secret, { tenantId, exp: nowS() - 60 })}`],
  'not-yet': (secret, _, tenantId) => [`Bearer ${token(secret, { tenantId, nbf: nowS() + 3_600 })}`],
  endless: (secret, _, tenantId) => [`Bearer ${token(secret, { tenantId, exp: undefined })}`],
  'no-tenant': (secret) => [`Bearer ${token(secret, {})}`],
  'tenants-in-a-list': (secret, _, tenantId) => [`Bearer ${token(secret, { tenantId: [tenantId] })}`],
  'tenant-with-a-quote': (secret, _, tenantId) => [`Bearer ${token(secret, { tenantId: `${tenantId}' OR '1'='1` })}`],
  'tenant-with-an-end': (secret, _, tenantId) => [`Bearer ${token(secret, { tenantId: `${tenantId}\0` })}`],
  'scope-in-a-list': (secret, _, tenantId) => [`Bearer ${token(secret, { tenantId, scope: ['analytics:read'] })}`],
  'nine-kilobytes': (secret, _, tenantId) => [`Bearer ${token(secret, { tenantId, sub: 'x'.repeat(7_000) })}`],
  'text-around': (_, jwt) => [`Bearer ${jwt};--`],
  'not-base64': () => ["Bearer ' OR 1=1 --.{tenant:String}.%00"],
} satisfies Readonly<Record<string, (secret: string, jwt: string, tenantId: string) => Headers>>

export type Flaw = keyof typeof FLAWS

export const FLAW_NAMES = Object.keys(FLAWS) as Flaw[]

/** The Authorization headers of a credential, one per line. */
export function authorizationOf({ tenant, flaw }: Credential, secret: string): string[] {
  const jwt = token(secret, { tenantId: tenant })
  const values = flaw === undefined ? [`Bearer ${jwt}`] : FLAWS[flaw](secret, jwt, tenant)
  return values.map((value) => `Authorization: ${value}`)
}
