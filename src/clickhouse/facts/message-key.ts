import { hashText } from '../../messages/text-hash.ts'

/** A message of a tenant. */
export interface MessageKey {
  readonly tenantId: string
  readonly messageId: string
  /** Tells it apart from all other messages. */
  readonly name: string
  /** By which its facts are found; two messages may share it. */
  readonly hash: bigint
}

const words = new Uint32Array(2)

export function messageKeyOf(tenantId: string, messageId: string): MessageKey {
  // A tenantId cannot contain the separator.
  const name = `${tenantId}/${messageId}`
  hashText(name, words, 0)
  return { tenantId, messageId, name, hash: (BigInt(words[1]!) << 32n) | BigInt(words[0]!) }
}
