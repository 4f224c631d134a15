/**
 * Who looks: a token or an API key, kept for this tab until it is closed. It is nowhere else, and the page sends it to nobody but the service it came from.
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

/** The code of a sign-in link, as the page's address has it behind the `#`. */
export function readSignInCode(): string | undefined {
  return SIGN_IN_CODE_PATTERN.exec(location.hash)?.[1]
}

/** Takes the code out of the address, so that neither the history nor a copied address has it. */
export function removeSignInCode(): void {
  history.replaceState(null, '', location.pathname + location.search)
}

/** The session that a sign-in link stands for; undefined when it was used before, or is none of this service. */
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

/** What was pasted, without what people copy along; undefined when it cannot be a token or a key. */
export function normaliseCredential(pasted: string): string | undefined {
  const credential = pasted.replace(/^\s*(authorization:\s*)?(bearer\s+)?/i, '').trim()
  return /^[\x21-\x7e]+$/.test(credential) ? credential : undefined
}

export interface SessionIdentity {
  /** Shown as who is signed in. */
  readonly name: string
  /** Of a token for several tenants: those it may choose from. */
  readonly tenants: readonly string[]
}

/** Whose session it is, for show: the service alone decides what it is good for. */
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
