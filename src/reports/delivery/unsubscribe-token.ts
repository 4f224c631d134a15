/** Tokens of the links that remove a recipient from a schedule. A token does not expire: mails are kept for years. It holds no address. */
import { decodeOpaque, digestOf, encodeOpaque } from '../../base/bytes/opaque-text.ts'

export interface UnsubscribeClaim {
  readonly tenantId: string
  readonly scheduleId: string
  /** `recipientDigest` of the address. */
  readonly recipient: string
}

/** Identifies an address without naming it; upper and lower case are the same. */
export function recipientDigest(address: string): Promise<string> {
  return digestOf(address.toLowerCase())
}

const ALGORITHM = { name: 'HMAC', hash: 'SHA-256' } as const

export class UnsubscribeTokens {
  readonly #key: Promise<CryptoKey>

  /** `secret`: at least 32 random bytes, the same for all processes. */
  constructor(secret: Uint8Array<ArrayBuffer>) {
    this.#key = crypto.subtle.importKey('raw', secret, ALGORITHM, false, ['sign', 'verify'])
  }

  async sign({ tenantId, scheduleId, recipient }: UnsubscribeClaim): Promise<string> {
    const content = encodeOpaque([tenantId, scheduleId, recipient])
    const signature = await crypto.subtle.sign(ALGORITHM, await this.#key, bytesOf(content))
    return `${content}.${new Uint8Array(signature).toBase64({ alphabet: 'base64url', omitPadding: true })}`
  }

  /** Undefined for a text that `sign` has not made. */
  async verify(token: string): Promise<UnsubscribeClaim | undefined> {
    const [content = '', signatureText = '', ...rest] = token.split('.')
    const signature = decodeSignature(signatureText)
    if (rest.length > 0 || !signature) return undefined
    if (!(await crypto.subtle.verify(ALGORITHM, await this.#key, signature, bytesOf(content)))) return undefined
    const [tenantId, scheduleId, recipient] = decodeOpaque(content) as [string, string, string]
    const claim = { tenantId, scheduleId, recipient }
    // Two texts can decode to the same bytes; only one of them was signed.
    return (await this.sign(claim)) === token ? claim : undefined
  }
}

function decodeSignature(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: 'base64url' })
  } catch {
    return undefined
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
