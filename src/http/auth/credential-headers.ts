/** The headers that decide who asks and for whom: what is remembered of an answer must be remembered with all of them. */
export const API_KEY_HEADER = 'x-api-key'
export const TENANT_HEADER = 'x-tenant-id'
const CREDENTIAL_HEADER_NAMES = ['authorization', API_KEY_HEADER, TENANT_HEADER] as const

/** For `vary`. */
export const CREDENTIAL_VARY = CREDENTIAL_HEADER_NAMES.join(', ')

/** What a request names itself by; null when it has none. */
export function credentialOf({ headers }: Request): string | null {
  return headers.get('authorization') || headers.get(API_KEY_HEADER) || null
}

/** All of them as one text, another for other credentials: no header holds a line break. */
export function credentialKeyOf({ headers }: Request): string {
  return CREDENTIAL_HEADER_NAMES.map((name) => headers.get(name) ?? '').join('\n')
}
