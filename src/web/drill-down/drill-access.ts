/** Whether the user may see single events, messages and contacts. */
import { signal } from '@preact/signals'
import { type Session, sessionIdentityOf, type SessionState } from '../state/session.ts'

const SCOPES: readonly string[] = ['analytics:contacts', 'analytics:admin']

/** The session that the service refused to show them to. */
const refused = signal<Session | undefined>(undefined)
const permitted = new WeakMap<Session, boolean>()

/** Only the service knows the scopes of an API key: it may see them until the service refuses it. */
export function maySeeContacts(state: SessionState): boolean {
  if (state.kind === 'none') return false
  const { session } = state
  if (refused.value === session) return false
  let isPermitted = permitted.get(session)
  if (isPermitted === undefined) {
    const { scopes } = sessionIdentityOf(session)
    permitted.set(session, (isPermitted = scopes === undefined || scopes.some((scope) => SCOPES.includes(scope))))
  }
  return isPermitted
}

/** Called when the service refuses a session for its scopes. */
export function refuseContacts(session: Session): void {
  refused.value = session
}
