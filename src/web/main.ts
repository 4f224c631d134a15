/**
 * The entry of the dashboards' page, in the browser: finds out who looks, then shows the page or asks. It talks to the service it came from by HTTP, and to nobody
 * else; of the service's code it takes only what is pure.
 */
import { fill, h } from './dom.ts'
import { startPage } from './page.ts'
import {
  askForDevelopmentSession,
  forgetSession,
  hasSignedOut,
  type Session,
  storedSession,
  storeSession,
} from './session.ts'
import { createSignIn } from './widgets/sign-in.ts'

const root = h('div', { id: 'root' })
document.body.append(root)
let endPage = () => {}

/** A development session that ended is asked for once more; if that one is not taken either, somebody has to sign in. */
const RENEWED_MS = 10_000
let renewedAt = -RENEWED_MS

const session = storedSession() ?? (hasSignedOut() ? undefined : await askForDevelopmentSession())
if (session) enter(session)
else askToSignIn(undefined)

function enter(entered: Session): void {
  storeSession(entered)
  endPage = startPage(root, {
    session: entered,
    leave: (reason) => {
      endPage()
      if (reason === 'expired' && entered.kind === 'development' && performance.now() - renewedAt > RENEWED_MS)
        void renew()
      else {
        forgetSession()
        askToSignIn(reason === 'expired' ? 'Your session has ended: sign in again.' : undefined)
      }
    },
  })
}

async function renew(): Promise<void> {
  renewedAt = performance.now()
  const renewed = await askForDevelopmentSession()
  if (renewed) enter(renewed)
  else askToSignIn('Your session has ended: sign in again.')
}

function askToSignIn(why: string | undefined): void {
  document.title = 'Sign in · Outreach Analytics'
  fill(root, createSignIn(why, enter))
  root.querySelector('input')?.focus()
}
