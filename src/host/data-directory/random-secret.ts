/** A new secret of `bytes` random bytes, in letters, digits, `-` and `_`. */
export function randomSecret(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('base64url')
}
