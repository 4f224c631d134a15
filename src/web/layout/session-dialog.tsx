import { Dialog } from '../components/dialog.tsx'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import { DeveloperHelp, SignInForm } from './sign-in.tsx'

/** The form for signing in again, above the view, which stays as it is. */
export function SessionDialog() {
  const { session } = useApp()
  const { session: texts, layout } = messages()
  return (
    <Dialog title={texts.expired}>
      <p>{texts.expiredHint}</p>
      <SignInForm />
      <DeveloperHelp />
      <p class="dialog-footer">
        <button type="button" class="button" onClick={() => session.end()}>
          {layout.signOut}
        </button>
      </p>
    </Dialog>
  )
}
