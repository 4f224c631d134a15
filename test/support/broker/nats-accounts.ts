import { nkeys } from 'nats'

type KeyPair = ReturnType<typeof nkeys.createUser>

/** A server configuration with an operator, an account with JetStream, and users of that account. */
export interface Operator {
  /** Lines for the configuration file of a server. */
  readonly config: string
  /** The contents of the credentials file of a new user. */
  makeCreds(): string
}

const UNLIMITED = { subs: -1, data: -1, payload: -1 }
const ACCOUNT_LIMITS = { ...UNLIMITED, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 }
const JETSTREAM_LIMITS = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 }

export function makeOperator(): Operator {
  const [operator, system, account] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount()]
  const accounts = [
    [system.getPublicKey(), sign(operator, system, 'account', { limits: ACCOUNT_LIMITS })],
    [
      account.getPublicKey(),
      sign(operator, account, 'account', { limits: { ...ACCOUNT_LIMITS, ...JETSTREAM_LIMITS } }),
    ],
  ] as const
  return {
    config: [
      `operator: ${sign(operator, operator, 'operator', {})}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: { ${accounts.map(([id, jwt]) => `${id}: ${jwt}`).join(', ')} }`,
    ].join('\n'),
    makeCreds() {
      const user = nkeys.createUser()
      const block = (what: string, text: string) => `-----BEGIN ${what}-----\n${text}\n------END ${what}------\n`
      const seed = new TextDecoder().decode(user.getSeed())
      return `${block('NATS USER JWT', sign(account, user, 'user', UNLIMITED))}\n${block('USER NKEY SEED', seed)}`
    },
  }
}

/** A JWT in which `issuer` certifies the claims of `subject`. */
function sign(issuer: KeyPair, subject: KeyPair, type: string, claims: object): string {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const body = {
    jti: crypto.randomUUID(),
    iat: Math.floor(Date.now() / 1_000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: type,
    nats: { ...claims, type, version: 2 },
  }
  const text = `${encoded({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encoded(body)}`
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString('base64url')}`
}
