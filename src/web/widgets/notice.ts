import { Refusal } from '../api.ts'
import { h, setText } from '../dom.ts'

/** What the page says where it has no numbers to show: what is the matter, and what to do about it. */
function notice(title: string, ...says: readonly (Node | string | undefined)[]): HTMLElement {
  return h(
    'section',
    { class: 'notice' },
    h('h2', {}, title),
    ...says.map((each) => (typeof each === 'string' ? h('p', {}, each) : each)),
  )
}

export function emptyNotice(): HTMLElement {
  return notice(
    'Nothing happened in these days',
    'Choose a longer range, or publish some events. For a try, this sends a life-like mix to the running service:',
    h('pre', { tabindex: 0 }, 'npm run simulate -- --rate 500 --tenants 5 --duration 60'),
    'And this makes a past: ',
    h('pre', { tabindex: 0 }, 'npm run simulate -- --backfill 30d --tenants 5'),
  )
}

export function loadingNotice(): HTMLElement {
  const bones = Array.from({ length: 4 }, () => h('div', { class: 'bone' }))
  return h(
    'div',
    { class: 'stack', 'data-state': 'loading' },
    h('p', { class: 'spoken', role: 'status' }, 'Loading…'),
    h('div', { class: 'bones', 'aria-hidden': 'true' }, ...bones),
    h('div', { class: 'bone tall', 'aria-hidden': 'true' }),
  )
}

interface WaysOut {
  readonly retry: () => void
  readonly signIn: () => void
  readonly reset: () => void
}

/** A refusal in words, with the way out of it. Where waiting helps, the page waits by itself: `stop` ends that. */
export function refusalNotice(error: unknown, ways: WaysOut): { readonly element: HTMLElement; stop(): void } {
  const refusal = error instanceof Refusal ? error : undefined
  const way = (text: string, click: () => void) => h('button', { type: 'button', class: 'button strong', click }, text)
  const id = refusal?.correlationId
  const small = id === undefined ? undefined : h('p', { class: 'small' }, 'For support: ', h('code', {}, id))
  const done = (title: string, ...says: (Node | string | undefined)[]) => {
    const element = notice(title, ...says, small)
    element.setAttribute('role', 'alert')
    return element
  }
  if (refusal?.retryAfterMs !== undefined) {
    const { line, stop } = countDown(refusal.retryAfterMs, ways.retry)
    const title = TITLES[refusal.status] ?? 'The service cannot be reached'
    return { element: done(title, refusal.message, line, way('Try now', ways.retry)), stop }
  }
  const stop = () => {}
  if (refusal?.status === 403)
    return {
      element: done(
        'You may not see this',
        refusal.message,
        'Choose a tenant, if you have several, or sign in with a token or key that has the scope analytics:read.',
        way('Sign in with another', ways.signIn),
      ),
      stop,
    }
  if (refusal?.status === 400 || refusal?.status === 404)
    return {
      element: done(
        'This cannot be shown',
        ...(refusal.details.length > 0 ? refusal.details : [refusal.message]),
        way('Start over', ways.reset),
      ),
      stop,
    }
  if (refusal?.status === 504)
    return {
      element: done('This takes too long', 'Choose a shorter range, or try again.', way('Try again', ways.retry)),
      stop,
    }
  return {
    element: done(
      'Something went wrong',
      refusal?.message ?? 'The page could not show the answer.',
      way('Try again', ways.retry),
    ),
    stop,
  }
}

const TITLES: Readonly<Record<number, string>> = {
  429: 'Too many questions at once',
  503: 'The service cannot answer right now',
}

function countDown(ms: number, whenOver: () => void): { readonly line: HTMLElement; stop(): void } {
  // Each second would be read out loud.
  const line = h('p', { 'aria-live': 'off' })
  const over = performance.now() + ms
  const tell = () =>
    setText(line, `Trying again in ${Math.max(1, Math.ceil((over - performance.now()) / 1000))} s, by itself.`)
  tell()
  const timer = setInterval(tell, 500)
  const end = setTimeout(() => {
    clearInterval(timer)
    whenOver()
  }, ms)
  return {
    line,
    stop: () => {
      clearInterval(timer)
      clearTimeout(end)
    },
  }
}
