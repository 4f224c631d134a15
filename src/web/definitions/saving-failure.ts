/** Why the service has not stored a change of what the tenant has saved. */
import { ApiError } from '../api/api-error.ts'
import { describeError } from '../layout/describe-error.ts'
import type { SessionStore } from '../state/session.ts'
import { refuseWrites } from './write-access.ts'

/**
 * - `invalid`: the details of the error name what has to be corrected
 * - `expired`: the page asks to sign in again
 * - `refused`: the user may not change anything
 * - `gone`, `changed`: somebody else has deleted or changed it
 * - `tooMany`: the tenant has as many as it may have, or something else uses it
 */
export type SavingFailure = 'invalid' | 'expired' | 'refused' | 'gone' | 'tooMany' | 'changed' | 'other'

const BY_STATUS: Readonly<Record<number, SavingFailure>> = {
  400: 'invalid',
  401: 'expired',
  403: 'refused',
  404: 'gone',
  409: 'tooMany',
  412: 'changed',
}

export function savingFailureOf(error: unknown): SavingFailure {
  return (error instanceof ApiError && BY_STATUS[error.status]) || 'other'
}

/** The failure, of which the session learns when it has expired or may not change anything. */
export function notedFailure(session: Pick<SessionStore, 'state' | 'expire'>, error: unknown): SavingFailure {
  const failure = savingFailureOf(error)
  const state = session.state.peek()
  if (failure === 'expired') session.expire()
  if (failure === 'refused' && state.kind !== 'none') refuseWrites(state.session)
  return failure
}

/** What is not done, followed by the reason in the words of the page. */
export function failureText(notDone: string, error: unknown): string {
  return `${notDone} ${describeError(error, navigator.onLine).title}.`.trimStart()
}
