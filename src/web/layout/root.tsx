import { useApp } from '../state/app.ts'
import { AppLayout } from './app-layout.tsx'
import { SessionDialog } from './session-dialog.tsx'
import { SignInPage } from './sign-in.tsx'

/** The page: the sign-in form, or the views. An expired session keeps the view, below a dialog for signing in again. */
export function Root() {
  const state = useApp().session.state.value
  if (state.kind === 'none') return <SignInPage message={state.message} />
  return (
    <>
      <AppLayout session={state.session} />
      {state.kind === 'expired' && <SessionDialog />}
    </>
  )
}
