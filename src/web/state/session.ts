/**
 * The session: a token or an API key, kept for this tab until the tab is closed. It is stored nowhere else, and the page sends it only to the service that served it.
 */
import { type ReadonlySignal, signal } from '@preact/signals'
import { serviceUrl } from '../api/service-url.ts'

const STORAGE_KEY = 'outreach-session'
/** The query string of the view that was open when the session expired. */
const INTERRUPTED_VIEW_KEY = 'outreach-interrupted-view'
const SIGN_IN_CODE_PATTERN = /^#code=([A-Za-z0-9_-]+)$/

export interface Session {
  readonly credential: string
}

/** `expired` keeps the view on the screen while the user signs in again. */
export type SessionState =
  | { readonly kind: 'none'; readonly message?: string }
  | { readonly kind: 'active' | 'expired'; readonly session: Session }

export class SessionStore {
  readonly #state = signal<SessionState>({ kind: 'none' })
  readonly state: ReadonlySignal<SessionState> = this.#state

  start(session: Session): void {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(session))
    sessionStorage.removeItem(INTERRUPTED_VIEW_KEY)
    this.#state.value = { kind: 'active', session }
  }

  /** Called when the service no longer accepts the session. */
  expire(): void {
    const state = this.#state.peek()
    if (state.kind !== 'active') return
    sessionStorage.setItem(INTERRUPTED_VIEW_KEY, location.search)
    this.#state.value = { kind: 'expired', session: state.session }
  }

  /** Ends the session; the sign-in page shows the message. */
  end(message?: string): void {
    sessionStorage.removeItem(STORAGE_KEY)
    sessionStorage.removeItem(INTERRUPTED_VIEW_KEY)
    this.#state.value = { kind: 'none', ...(message === undefined ? {} : { message }) }
  }
}

export function readStoredSession(): Session | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '') as Session
  } catch {
    return undefined
  }
}

/** Reads the code of a sign-in link from the fragment of the address. */
export function readSignInCode(): string | undefined {
  return SIGN_IN_CODE_PATTERN.exec(location.hash)?.[1]
}

/**
 * Removes the code from the address, so that neither the history nor a copied address contains it. A sign-in link names no view: in a tab whose session expired, the
 * address becomes that of the interrupted view.
 */
export function removeSignInCode(): void {
  const search = location.search || (sessionStorage.getItem(INTERRUPTED_VIEW_KEY) ?? '')
  history.replaceState(null, '', location.pathname + search)
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
  /** The tenant of the credential; undefined for an API key and for a token that allows several tenants. */
  readonly tenant: string | undefined
  /** The tenants to choose from: those of a token that allows several. */
  readonly tenants: readonly string[]
  readonly isToken: boolean
  /** The scopes of a token; undefined for an API key, whose scopes only the service knows, and for a token that names none. */
  readonly scopes?: readonly string[] | undefined
}

/** Decodes the owner of the session for display: only the service decides what the credential permits. */
export function sessionIdentityOf({ credential }: Session): SessionIdentity {
  const claims = claimsOf(credential)
  const list: unknown = claims?.['tenantIds']
  const tenants = Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string') : []
  const tenantId = claims?.['tenantId']
  const scope = claims?.['scope']
  return {
    tenant: typeof tenantId === 'string' ? tenantId : undefined,
    tenants,
    isToken: claims !== undefined,
    scopes: typeof scope === 'string' ? scope.split(' ') : undefined,
  }
}

/**
 * The tenant whose numbers the page shows; undefined for an API key, and for a token of several tenants until one of them is chosen. A token of exactly one tenant needs
 * no choice.
 */
export function tenantOf(session: Session, chosen: string | undefined): string | undefined {
  const { tenant, tenants } = sessionIdentityOf(session)
  if (tenants.length === 0) return tenant
  return tenants.find((each) => each === chosen) ?? (tenants.length === 1 ? tenants[0] : undefined)
}

/** Whether the user has to choose one of the tenants of the token. */
export function needsTenantChoice(session: Session, chosen: string | undefined): boolean {
  return sessionIdentityOf(session).tenants.length > 1 && tenantOf(session, chosen) === undefined
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
