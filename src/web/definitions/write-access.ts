/** Whether the user may change what the tenant has saved. */
import { signal } from '@preact/signals'
import { type Session, sessionIdentityOf, type SessionState } from '../state/session.ts'

const SCOPES: readonly string[] = ['analytics:write', 'analytics:admin']

/** The session that the service refused a change to. */
const refused = signal<Session | undefined>(undefined)

/** A token names the scope. Only the service knows the scopes of an API key: it may change everything until the service refuses it. */
export function mayWrite(state: SessionState): boolean {
  if (state.kind === 'none' || refused.value === state.session) return false
  const { isToken, scopes = [] } = sessionIdentityOf(state.session)
  return !isToken || scopes.some((scope) => SCOPES.includes(scope))
}

/** Called when the service refuses a session for its scopes. */
export function refuseWrites(session: Session): void {
  refused.value = session
}
