/**
 * The entry of the dashboard page in the browser: reads the session, then shows the page or the sign-in form. The page sends HTTP requests only to the service that
 * served it, and imports only pure code of the service.
 */
import { setChildren, h } from './dom.ts'
import { startPage } from './page.ts'
import {
  clearSession,
  removeSignInCode,
  redeemSignInCode,
  type Session,
  readSignInCode,
  readStoredSession,
  storeSession,
} from './state/session.ts'
import { createSignIn } from './widgets/sign-in.ts'

const USED_LINK_MESSAGE =
  'This link was used before, or it is an old one. The current link is in the file dashboard-link in the data directory of the service.'

// Loaded only by browsers without Temporal.
if (!('Temporal' in globalThis)) await import('temporal-polyfill/global')

const root = h('div', { id: 'root' })
document.body.append(root)
let stopPage = () => {}

// When a sign-in link is opened in a tab that already shows the page, only the fragment of the address changes.
window.addEventListener('hashchange', () => readSignInCode() !== undefined && location.reload())

const code = readSignInCode()
if (code !== undefined) removeSignInCode()
const session = (code === undefined ? undefined : await redeemSignInCode(code)) ?? readStoredSession()
if (session) showPage(session)
else showSignIn(code === undefined ? undefined : USED_LINK_MESSAGE)

function showPage(newSession: Session): void {
  storeSession(newSession)
  stopPage = startPage(root, {
    session: newSession,
    endSession: (reason) => {
      stopPage()
      clearSession()
      showSignIn(reason === 'expired' ? 'Your session has ended: sign in again.' : undefined)
    },
  })
}

function showSignIn(message: string | undefined): void {
  document.title = 'Sign in · Outreach Analytics'
  setChildren(root, createSignIn(message, showPage))
  root.querySelector('input')?.focus()
}
