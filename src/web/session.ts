/**
 * Who looks: a token or an API key, kept for this tab until it is closed. It is nowhere else, and the page sends it to nobody but the service it came from.
 */
import { serviceUrl } from './service-url.ts'

const STORED = 'outreach-session'
const STAYS_OUT = 'outreach-signed-out'

export interface Session {
  readonly credential: string
  /** `development`: given to whoever is on the service's own machine, and given again when it expires. */
  readonly kind: 'given' | 'development'
}

export function storedSession(): Session | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? '') as Session
  } catch {
    return undefined
  }
}

export function storeSession(session: Session): void {
  sessionStorage.setItem(STORED, JSON.stringify(session))
  sessionStorage.removeItem(STAYS_OUT)
}

/** Forgets the session. Who signs out is not signed in by the next reload. */
export function forgetSession(): void {
  sessionStorage.removeItem(STORED)
  sessionStorage.setItem(STAYS_OUT, '1')
}

export function hasSignedOut(): boolean {
  return sessionStorage.getItem(STAYS_OUT) !== null
}

/** The session of a developer on the service's own machine; undefined where there is none to be had. */
export async function askForDevelopmentSession(): Promise<Session | undefined> {
  try {
    const response = await fetch(serviceUrl('dashboard/session'), {
      method: 'POST',
      headers: { 'x-dashboard-session': '1' },
    })
    if (!response.ok) return undefined
    const { data } = (await response.json()) as { data: { token: string } }
    return { credential: data.token, kind: 'development' }
  } catch {
    return undefined
  }
}

/** What was pasted, without what people copy along; undefined when it cannot be a token or a key. */
export function readCredential(pasted: string): string | undefined {
  const credential = pasted.replace(/^\s*(authorization:\s*)?(bearer\s+)?/i, '').trim()
  return /^[\x21-\x7e]+$/.test(credential) ? credential : undefined
}

export interface Holder {
  /** Shown as who is signed in. */
  readonly name: string
  /** Of a token for several tenants: those it may choose from. */
  readonly tenants: readonly string[]
}

/** Whose session it is, for show: the service alone decides what it is good for. */
export function holderOf({ credential }: Session): Holder {
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
