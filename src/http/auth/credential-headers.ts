/** The headers that select the principal and its tenant. A response that depends on them names them in `Vary`. */
export const API_KEY_HEADER = 'x-api-key'
export const TENANT_HEADER = 'x-tenant-id'
const CREDENTIAL_HEADER_NAMES = ['authorization', API_KEY_HEADER, TENANT_HEADER] as const

/** For `vary`. */
export const CREDENTIAL_VARY = CREDENTIAL_HEADER_NAMES.join(', ')

/** The credential of a request; null when it has none. */
export function credentialOf({ headers }: Request): string | null {
  return headers.get('authorization') || headers.get(API_KEY_HEADER) || null
}
