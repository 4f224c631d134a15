/** JSON values as opaque texts for addresses, such as cursors, and digests of JSON values. */

/** The value in base64url. */
export function encodeOpaque(value: unknown): string {
  return toBase64Url(new TextEncoder().encode(JSON.stringify(value)))
}

/** The value of a text of `encodeOpaque`; undefined for any other text. */
export function decodeOpaque(text: string): unknown {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/** 16 bytes: no two values that clients choose have the same digest. */
const DIGEST_BYTES = 16

/** A digest of the JSON text of a value, in base64url. */
export async function digestOf(value: unknown): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(value)))
  return toBase64Url(new Uint8Array(digest, 0, DIGEST_BYTES))
}

function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}
