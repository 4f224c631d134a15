/**
 * The entry of the dashboard page in the browser. The page sends HTTP requests only to the service that served it, and imports only pure code of the service.
 */
import { effect } from '@preact/signals'
import { render } from 'preact'
import { ApiClient } from './api/api-client.ts'
import { forgetTableStates } from './components/table/table-state.ts'
import { FiringAlerts } from './firing/firing-alerts.ts'
import { setLocale } from './format/locale.ts'
import { Root } from './layout/root.tsx'
import { loadMessages, messages } from './messages/messages.ts'
import { openAddress } from './state/address.ts'
import { type App, AppContext } from './state/app.ts'
import {
  readSignInCode,
  readStoredSession,
  redeemSignInCode,
  removeSignInCode,
  SessionStore,
  tenantOf,
} from './state/session.ts'
import { Toasts } from './state/toasts.ts'
import { ViewLoader } from './state/view-loader.ts'
import { viewOf } from './views/views.ts'

// Loaded only by browsers without Temporal.
if (!('Temporal' in globalThis)) await import('temporal-polyfill/global')
document.documentElement.lang = await loadMessages(navigator.languages)
setLocale(navigator.language)

const session = new SessionStore()
await startSession(session)
effect(() => {
  if (session.state.value.kind === 'none') forgetTableStates()
})

const container = document.querySelector('#app')!
container.replaceChildren()
render(
  <AppContext.Provider value={createApp(session)}>
    <Root />
  </AppContext.Provider>,
  container,
)

/** Signs in with the link in the address, or with the session of this tab. */
async function startSession(store: SessionStore): Promise<void> {
  // When a sign-in link is opened in a tab that already shows the page, only the fragment of the address changes.
  window.addEventListener('hashchange', () => readSignInCode() !== undefined && location.reload())
  const code = readSignInCode()
  if (code !== undefined) removeSignInCode()
  const started = (code === undefined ? undefined : await redeemSignInCode(code)) ?? readStoredSession()
  if (started) store.start(started)
  else if (code !== undefined) store.end(messages().session.usedLink)
}

function createApp(store: SessionStore): App {
  const address = openAddress(Intl.DateTimeFormat().resolvedOptions().timeZone)
  const api = new ApiClient(() => {
    const state = store.state.peek()
    if (state.kind === 'none') return { credential: '', tenant: undefined }
    const { session: current } = state
    return { credential: current.credential, tenant: tenantOf(current, address.viewState.peek().tenant) }
  })
  const loader = new ViewLoader({ address, session: store, api, viewOf })
  loader.start()
  const firing = new FiringAlerts({ api, address, session: store, loader })
  firing.start()
  return { address, session: store, api, loader, toasts: new Toasts(), firing }
}
