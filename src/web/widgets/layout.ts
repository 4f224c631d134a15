import { type ViewState, formatViewState } from '../state/view-state.ts'
import { setChildren, isolatedText, h, setText } from '../dom.ts'
import type { LiveState } from '../api/live-updates.ts'
import type { SessionIdentity } from '../state/session.ts'
import { viewDefinition, type ViewId, VIEWS } from '../views/views.ts'

const LIVE_STATE_LABELS: Readonly<Record<LiveState, string>> = {
  live: 'Live',
  polling: 'Up to date',
  waiting: 'Reconnecting…',
}

interface LayoutActions {
  readonly navigate: (next: Partial<ViewState>) => void
  readonly signOut: () => void
}

/** The frame around every view: title, navigation and the signed-in user. */
export function createLayout(controls: HTMLElement, exportButtons: HTMLElement, { navigate, signOut }: LayoutActions) {
  const links = VIEWS.map(({ id: view, title }) => {
    const follow = (event: Event) => {
      // The browser handles clicks that open another tab or window.
      if (event instanceof MouseEvent && (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0))
        return
      event.preventDefault()
      navigate({ view, id: undefined, granularity: undefined })
    }
    return h('a', { href: '#', 'data-view': view, click: follow }, title)
  })
  const heading = h('h1', { tabindex: -1 })
  const subtitle = h('p', { class: 'says' })
  const period = h('span', { class: 'period' })
  const live = h('span', { class: 'live', role: 'status' })
  const asOf = h('span', { class: 'as-of' })
  const identity = h('div', { class: 'who' })
  const content = h('div', { class: 'place' })
  const skip = h(
    'a',
    {
      class: 'skip',
      href: '#main',
      click: (event) => {
        event.preventDefault()
        heading.focus()
      },
    },
    'Skip to the numbers',
  )
  const element = h(
    'div',
    { class: 'frame' },
    skip,
    h(
      'header',
      { class: 'side' },
      h('p', { class: 'brand' }, h('span', { class: 'mark', 'aria-hidden': 'true' }), 'Outreach Analytics'),
      h('nav', { 'aria-label': 'Dashboards' }, ...links),
      identity,
    ),
    h(
      'main',
      { id: 'main' },
      h(
        'div',
        { class: 'title' },
        h('div', {}, heading, subtitle),
        h('div', { class: 'status' }, live, asOf, exportButtons),
      ),
      controls,
      h('p', { class: 'range-line' }, period),
      content,
    ),
  )
  let shownView: ViewId | undefined
  return {
    element,
    content,
    /** Marks the current view. */
    show(viewState: ViewState) {
      const { title, subtitle: sentence } = viewDefinition(viewState.view)
      setText(heading, title)
      setText(subtitle, sentence)
      document.title = `${title} · Outreach Analytics`
      for (const link of links) {
        const view = link.dataset['view'] as ViewId
        link.href = formatViewState({ ...viewState, view, id: undefined, granularity: undefined })
        if (view === viewState.view) link.setAttribute('aria-current', 'page')
        else link.removeAttribute('aria-current')
      }
      // Announces the new view to screen readers.
      if (shownView !== undefined && shownView !== viewState.view) heading.focus({ preventScroll: true })
      shownView = viewState.view
    },
    showPeriod: (text: string) => setText(period, text),
    showAsOf: (text: string) => setText(asOf, text),
    showLive(state: LiveState | undefined) {
      live.dataset['state'] = state ?? 'none'
      setText(live, state === undefined ? '' : LIVE_STATE_LABELS[state])
    },
    showIdentity({ name, tenants }: SessionIdentity, tenant: string | undefined) {
      const pick = (event: Event) => navigate({ tenant: (event.currentTarget as HTMLSelectElement).value || undefined })
      const options = ['', ...tenants].map((each) =>
        h('option', { value: each, selected: each === (tenant ?? '') }, each === '' ? 'Choose…' : each),
      )
      setChildren(
        identity,
        tenants.length > 0
          ? h('label', {}, h('span', {}, 'Tenant'), h('select', { name: 'tenant', change: pick }, ...options))
          : h('p', { class: 'holder' }, isolatedText(name)),
        h('button', { type: 'button', class: 'button', click: signOut }, 'Sign out'),
      )
    },
  }
}
