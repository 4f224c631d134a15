import { toHex } from '../../base/bytes/hexadecimal.ts'

const HASH_BYTES = 16

/** Of what an id is looked up. */
export type LookedUpKind = 'contact' | 'message'

/**
 * What the audit trail keeps of an id that a request looks up: whoever knows the id finds the requests for it, and after the erasure of a contact the trail does not tell who it
 * was.
 */
export async function lookedUpText(tenantId: string, kind: LookedUpKind, id: string): Promise<string> {
  const name = new TextEncoder().encode(`${kind}/${tenantId}/${id}`)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', name))
  return `${kind}=${toHex(digest.subarray(0, HASH_BYTES))}`
}
