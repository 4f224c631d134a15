/**
 * The format of API keys: `oak_<id>_<secret>`, both in hexadecimal. The id names the key in lists and logs; only the holder has the secret, and the store has its SHA-256. A
 * slow hash with a salt protects passwords, which can be guessed; a secret of 256 random bits cannot.
 */
import { toHex } from '../../base/bytes/hexadecimal.ts'

const API_KEY_PATTERN = /^oak_([0-9a-f]{16})_([0-9a-f]{64})$/
const ID_BYTES = 8
const SECRET_BYTES = 32

export interface ApiKey {
  readonly id: string
  readonly secret: string
}

/** A new key, with its text for the holder. */
export function createApiKey(): ApiKey & { readonly text: string } {
  const [id, secret] = [randomHex(ID_BYTES), randomHex(SECRET_BYTES)]
  return { id, secret, text: `oak_${id}_${secret}` }
}

/** Undefined when the text is not a key. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = API_KEY_PATTERN.exec(text) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

/** SHA-256 of a key's secret, in hexadecimal. */
export async function hashSecret(secret: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret))))
}

/** Whether two texts are equal, in a time that depends on their lengths only. */
export function isEqualInConstantTime(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let index = 0; index < one.length; index++) difference |= one.charCodeAt(index) ^ other.charCodeAt(index)
  return difference === 0
}

function randomHex(byteCount: number): string {
  return toHex(crypto.getRandomValues(new Uint8Array(byteCount)))
}
