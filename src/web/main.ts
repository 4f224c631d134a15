/**
 * The entry of the dashboards' page, in the browser: finds out who looks, then shows the page or asks. It talks to the service it came from by HTTP, and to nobody
 * else; of the service's code it takes only what is pure.
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

// Loaded only where the browser does not bring it.
if (!('Temporal' in globalThis)) await import('temporal-polyfill/global')

const root = h('div', { id: 'root' })
document.body.append(root)
let stopPage = () => {}

// A link that is opened where the page is open already changes only what stands behind the #.
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
