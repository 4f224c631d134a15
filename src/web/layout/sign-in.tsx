import { useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { ApiClient } from '../api/api-client.ts'
import { ApiError } from '../api/api-error.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import { normaliseCredential } from '../state/session.ts'
import { describeError } from './describe-error.ts'

/** The page of a user who is not signed in. */
export function SignInPage({ message }: { readonly message: string | undefined }) {
  const { session, product } = messages()
  return (
    <main class="sign-in-page">
      <div class="sign-in-panel">
        <h1>{product}</h1>
        <p>{session.intro}</p>
        <SignInForm message={message} />
        <DeveloperHelp />
      </div>
    </main>
  )
}

/** How a developer signs in to a service on the same machine. */
export function DeveloperHelp() {
  const { session } = messages()
  if (!isLoopback(location.hostname)) return null
  return (
    <aside class="developer-help">
      <h2>{session.developerTitle}</h2>
      <p>{session.developerHelp}</p>
    </aside>
  )
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
}

/** A form for a token or an API key. It tries the credential and starts the session once the service accepts it. */
export function SignInForm({ message }: { readonly message?: string | undefined }) {
  const app = useApp()
  const { session: texts } = messages()
  const field = useRef<HTMLInputElement>(null)
  const problem = useSignal(message ?? '')
  const isRejected = useSignal(false)
  const isBusy = useSignal(false)

  function showProblem(text: string): void {
    problem.value = text
    isRejected.value = true
    field.current?.focus()
  }

  async function submit(pasted: string): Promise<void> {
    const credential = normaliseCredential(pasted)
    if (credential === undefined) return showProblem(pasted.trim() === '' ? texts.missing : texts.rejected)
    isBusy.value = true
    problem.value = ''
    try {
      const api = new ApiClient(() => ({ credential, tenant: undefined }))
      await api.dashboard('overview', { timeRange: '1d' }, new AbortController().signal)
      app.session.start({ credential })
    } catch (error) {
      // A 403 means that the credential is valid but lacks a tenant or a scope; the page shows which.
      if (error instanceof ApiError && error.status === 403) app.session.start({ credential })
      else if (error instanceof ApiError && error.status === 401) showProblem(texts.rejected)
      else showProblem(`${describeError(error, navigator.onLine).title}. ${texts.failed}`)
    } finally {
      isBusy.value = false
    }
  }

  return (
    <form
      class="sign-in"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit(field.current!.value)
      }}
    >
      <label for="credential">{texts.credential}</label>
      <input
        ref={field}
        id="credential"
        name="credential"
        type="password"
        autocomplete="off"
        spellcheck={false}
        aria-describedby="credential-help credential-problem"
        aria-invalid={isRejected}
        required
        autofocus
      />
      <p id="credential-help" class="note">
        {texts.help}
      </p>
      <p id="credential-problem" class="field-problem" role="alert">
        {problem}
      </p>
      <button type="submit" class="button primary" disabled={isBusy}>
        {texts.submit}
      </button>
    </form>
  )
}
