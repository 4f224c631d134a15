import { ApiClient, ApiError } from '../api/api-client.ts'
import { h, setText } from '../dom.ts'
import { normaliseCredential, type Session } from '../state/session.ts'

const PROBE_PATH = 'api/v1/analytics/overview?timeRange=1d'
const REJECTED_MESSAGE =
  'This token or key is not accepted. Check that it is complete, not expired, and made for this service.'

/** A form for a token or an API key. It tries the credential and passes the session on once the service accepts it. */
export function createSignIn(message: string | undefined, onSignedIn: (session: Session) => void): HTMLElement {
  const field = h('input', {
    id: 'credential',
    name: 'credential',
    type: 'password',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': 'credential-help credential-problem',
    required: true,
  })
  const problem = h('p', { id: 'credential-problem', class: 'field-problem', role: 'alert' }, message)
  const submit = h('button', { type: 'submit', class: 'button strong' }, 'Sign in')
  const form = h(
    'form',
    {
      class: 'sign-in',
      novalidate: true,
      submit: (event) => {
        event.preventDefault()
        void submitCredential()
      },
    },
    h('h1', {}, 'Outreach Analytics'),
    h('p', {}, 'Sign in to see the numbers of your tenant.'),
    h('label', { for: 'credential' }, 'Token or API key'),
    field,
    h(
      'p',
      { id: 'credential-help', class: 'small' },
      'It stays in this tab and is forgotten when the tab is closed. npm start prints a token, and npm run keys makes API keys. ' +
        'On your own machine, npm start also prints a link that signs you in once; the file dashboard-link in the data directory holds the next one.',
    ),
    problem,
    h('div', { class: 'actions' }, submit),
  )

  async function submitCredential(): Promise<void> {
    const credential = normaliseCredential(field.value)
    if (credential === undefined)
      return showProblem(field.value.trim() === '' ? 'Paste a token or an API key.' : REJECTED_MESSAGE)
    submit.disabled = true
    setText(problem, '')
    try {
      await new ApiClient(() => ({ credential, tenant: undefined })).get(PROBE_PATH, new AbortController().signal)
      onSignedIn({ credential })
    } catch (error) {
      // A 403 means that the credential is valid but lacks a tenant or a scope; the page shows which.
      if (error instanceof ApiError && error.status === 403) onSignedIn({ credential })
      else if (error instanceof ApiError && error.status === 401) showProblem(REJECTED_MESSAGE)
      else showProblem(error instanceof Error ? error.message : 'Something went wrong. Try again.')
    } finally {
      submit.disabled = false
    }
  }

  function showProblem(sentence: string): void {
    setText(problem, sentence)
    field.setAttribute('aria-invalid', 'true')
    field.focus()
  }

  return h('main', { class: 'gate' }, form)
}
