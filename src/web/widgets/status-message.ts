import { ApiError } from '../api/api-client.ts'
import { h, setText } from '../dom.ts'

/** A message in place of a view without data: the reason, and a possible action. */
function createStatusMessage(title: string, ...paragraphs: readonly (Node | string | undefined)[]): HTMLElement {
  return h(
    'section',
    { class: 'notice' },
    h('h2', {}, title),
    ...paragraphs.map((each) => (typeof each === 'string' ? h('p', {}, each) : each)),
  )
}

export function createEmptyMessage(): HTMLElement {
  return createStatusMessage(
    'Nothing happened in these days',
    'Choose a longer range, or publish some events. For a try, this sends a life-like mix to the running service:',
    h('pre', { tabindex: 0 }, 'npm run simulate -- --rate 500 --tenants 5 --duration 60'),
    'And this makes a past: ',
    h('pre', { tabindex: 0 }, 'npm run simulate -- --backfill 30d --tenants 5'),
  )
}

export function createLoadingMessage(): HTMLElement {
  const placeholders = Array.from({ length: 4 }, () => h('div', { class: 'bone' }))
  return h(
    'div',
    { class: 'stack', 'data-state': 'loading' },
    h('p', { class: 'spoken', role: 'status' }, 'Loading…'),
    h('div', { class: 'bones', 'aria-hidden': 'true' }, ...placeholders),
    h('div', { class: 'bone tall', 'aria-hidden': 'true' }),
  )
}

interface RecoveryActions {
  readonly retry: () => void
  readonly signIn: () => void
  readonly reset: () => void
}

/** An error message with a possible action. If a retry may succeed, the message retries automatically; `stop` cancels this. */
export function createErrorMessage(
  error: unknown,
  actions: RecoveryActions,
): { readonly element: HTMLElement; stop(): void } {
  const apiError = error instanceof ApiError ? error : undefined
  const createActionButton = (text: string, click: () => void) =>
    h('button', { type: 'button', class: 'button strong', click }, text)
  const id = apiError?.correlationId
  const supportLine = id === undefined ? undefined : h('p', { class: 'small' }, 'For support: ', h('code', {}, id))
  const createAlert = (title: string, ...says: (Node | string | undefined)[]) => {
    const element = createStatusMessage(title, ...says, supportLine)
    element.setAttribute('role', 'alert')
    return element
  }
  if (apiError?.retryAfterMs !== undefined) {
    const { line, stop } = createRetryCountdown(apiError.retryAfterMs, actions.retry)
    const title = ERROR_TITLES[apiError.status] ?? 'The service cannot be reached'
    return { element: createAlert(title, apiError.message, line, createActionButton('Try now', actions.retry)), stop }
  }
  const stop = () => {}
  if (apiError?.status === 403)
    return {
      element: createAlert(
        'You may not see this',
        apiError.message,
        'Choose a tenant, if you have several, or sign in with a token or key that has the scope analytics:read.',
        createActionButton('Sign in with another', actions.signIn),
      ),
      stop,
    }
  if (apiError?.status === 400 || apiError?.status === 404)
    return {
      element: createAlert(
        'This cannot be shown',
        ...(apiError.details.length > 0 ? apiError.details : [apiError.message]),
        createActionButton('Start over', actions.reset),
      ),
      stop,
    }
  if (apiError?.status === 504)
    return {
      element: createAlert(
        'This takes too long',
        'Choose a shorter range, or try again.',
        createActionButton('Try again', actions.retry),
      ),
      stop,
    }
  return {
    element: createAlert(
      'Something went wrong',
      apiError?.message ?? 'The page could not show the answer.',
      createActionButton('Try again', actions.retry),
    ),
    stop,
  }
}

const ERROR_TITLES: Readonly<Record<number, string>> = {
  429: 'Too many questions at once',
  503: 'The service cannot answer right now',
}

function createRetryCountdown(ms: number, onElapsed: () => void): { readonly line: HTMLElement; stop(): void } {
  // Hidden from screen readers, which would announce every second.
  const line = h('p', { 'aria-live': 'off' })
  const over = performance.now() + ms
  const showRemaining = () =>
    setText(line, `Trying again in ${Math.max(1, Math.ceil((over - performance.now()) / 1000))} s, by itself.`)
  showRemaining()
  const timer = setInterval(showRemaining, 500)
  const end = setTimeout(() => {
    clearInterval(timer)
    onElapsed()
  }, ms)
  return {
    line,
    stop: () => {
      clearInterval(timer)
      clearTimeout(end)
    },
  }
}
