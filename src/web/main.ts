/**
 * The entry of the dashboards' page, in the browser: finds out who looks, then shows the page or asks. It talks to the service it came from by HTTP, and to nobody
 * else; of the service's code it takes only what is pure.
 */
import { fill, h } from './dom.ts'
import { startPage } from './page.ts'
import {
  forgetSession,
  forgetSignInCode,
  redeemSignInCode,
  type Session,
  signInCode,
  storedSession,
  storeSession,
} from './session.ts'
import { createSignIn } from './widgets/sign-in.ts'

const USED_LINK =
  'This link was used before, or it is an old one. The current link is in the file dashboard-link in the data directory of the service.'

const root = h('div', { id: 'root' })
document.body.append(root)
let endPage = () => {}

// A link that is opened where the page is open already changes only what stands behind the #.
window.addEventListener('hashchange', () => signInCode() !== undefined && location.reload())

const code = signInCode()
if (code !== undefined) forgetSignInCode()
const session = (code === undefined ? undefined : await redeemSignInCode(code)) ?? storedSession()
if (session) enter(session)
else askToSignIn(code === undefined ? undefined : USED_LINK)

function enter(entered: Session): void {
  storeSession(entered)
  endPage = startPage(root, {
    session: entered,
    leave: (reason) => {
      endPage()
      forgetSession()
      askToSignIn(reason === 'expired' ? 'Your session has ended: sign in again.' : undefined)
    },
  })
}

function askToSignIn(why: string | undefined): void {
  document.title = 'Sign in · Outreach Analytics'
  fill(root, createSignIn(why, enter))
  root.querySelector('input')?.focus()
}
