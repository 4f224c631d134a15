/**
 * The session: a token or an API key, kept for this tab until the tab is closed. It is stored nowhere else, and the page sends it only to the service that served it.
 */
import { serviceUrl } from '../api/service-url.ts'

const STORAGE_KEY = 'outreach-session'
const SIGN_IN_CODE_PATTERN = /^#code=([A-Za-z0-9_-]+)$/

export interface Session {
  readonly credential: string
}

export function readStoredSession(): Session | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '') as Session
  } catch {
    return undefined
  }
}

export function storeSession(session: Session): void {
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify(session))
}

export function clearSession(): void {
  sessionStorage.removeItem(STORAGE_KEY)
}

/** Reads the code of a sign-in link from the fragment of the address. */
export function readSignInCode(): string | undefined {
  return SIGN_IN_CODE_PATTERN.exec(location.hash)?.[1]
}

/** Removes the code from the address, so that neither the history nor a copied address contains it. */
export function removeSignInCode(): void {
  history.replaceState(null, '', location.pathname + location.search)
}

/** Exchanges the code of a sign-in link for a session; undefined when the code was used before or is not valid. */
export async function redeemSignInCode(code: string): Promise<Session | undefined> {
  try {
    const response = await fetch(serviceUrl('dashboard/session'), {
      method: 'POST',
      headers: { 'x-sign-in-code': code },
    })
    if (!response.ok) return undefined
    const { data } = (await response.json()) as { data: { token: string } }
    return { credential: data.token }
  } catch {
    return undefined
  }
}

/** The pasted credential without surrounding text that is often copied with it; undefined when it cannot be a token or a key. */
export function normaliseCredential(pasted: string): string | undefined {
  const credential = pasted.replace(/^\s*(authorization:\s*)?(bearer\s+)?/i, '').trim()
  return /^[\x21-\x7e]+$/.test(credential) ? credential : undefined
}

export interface SessionIdentity {
  /** The label of the signed-in user. */
  readonly name: string
  /** The tenants that a token for several tenants allows. */
  readonly tenants: readonly string[]
}

/** Decodes the owner of the session for display: only the service decides what the credential permits. */
export function sessionIdentityOf({ credential }: Session): SessionIdentity {
  const claims = claimsOf(credential)
  const list: unknown = claims?.['tenantIds']
  const tenants = Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string') : []
  const tenantId = claims?.['tenantId']
  return { name: typeof tenantId === 'string' ? tenantId : claims ? 'Signed in' : 'API key', tenants }
}

function claimsOf(credential: string): Record<string, unknown> | undefined {
  try {
    const payload = credential.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0))
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
  } catch {
    return undefined
  }
}
