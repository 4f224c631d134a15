import { type Asked, writeAddress } from '../address.ts'
import { fill, foreignText, h, setText } from '../dom.ts'
import type { LiveState } from '../live.ts'
import type { Holder } from '../session.ts'
import { VIEW_NAMES, type ViewName, VIEWS } from '../views.ts'

const LIVE_TEXTS: Readonly<Record<LiveState, string>> = {
  live: 'Live',
  polling: 'Up to date',
  waiting: 'Reconnecting…',
}

interface Actions {
  readonly go: (next: Partial<Asked>) => void
  readonly signOut: () => void
}

/** What stands around every view: where one is, where one can go, who is signed in. */
export function createFrame(controls: HTMLElement, exportButtons: HTMLElement, { go, signOut }: Actions) {
  const links = VIEW_NAMES.map((view) => {
    const follow = (event: Event) => {
      // Another tab or window is the browser's business.
      if (event instanceof MouseEvent && (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0))
        return
      event.preventDefault()
      go({ view, id: undefined, granularity: undefined })
    }
    return h('a', { href: '#', 'data-view': view, click: follow }, VIEWS[view].title)
  })
  const heading = h('h1', { tabindex: -1 })
  const says = h('p', { class: 'says' })
  const period = h('span', { class: 'period' })
  const live = h('span', { class: 'live', role: 'status' })
  const asOf = h('span', { class: 'as-of' })
  const who = h('div', { class: 'who' })
  const place = h('div', { class: 'place' })
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
      who,
    ),
    h(
      'main',
      { id: 'main' },
      h(
        'div',
        { class: 'title' },
        h('div', {}, heading, says),
        h('div', { class: 'status' }, live, asOf, exportButtons),
      ),
      controls,
      h('p', { class: 'range-line' }, period),
      place,
    ),
  )
  let shownView: ViewName | undefined
  return {
    element,
    place,
    /** Shows where one is. */
    show(asked: Asked) {
      const { title, says: sentence } = VIEWS[asked.view]
      setText(heading, title)
      setText(says, sentence)
      document.title = `${title} · Outreach Analytics`
      for (const link of links) {
        const view = link.dataset['view'] as ViewName
        link.href = writeAddress({ ...asked, view, id: undefined, granularity: undefined })
        if (view === asked.view) link.setAttribute('aria-current', 'page')
        else link.removeAttribute('aria-current')
      }
      // Whoever listens to the page hears that it is another one now.
      if (shownView !== undefined && shownView !== asked.view) heading.focus({ preventScroll: true })
      shownView = asked.view
    },
    showPeriod: (text: string) => setText(period, text),
    showAsOf: (text: string) => setText(asOf, text),
    showLive(state: LiveState | undefined) {
      live.dataset['state'] = state ?? 'none'
      setText(live, state === undefined ? '' : LIVE_TEXTS[state])
    },
    showHolder({ name, tenants }: Holder, tenant: string | undefined) {
      const pick = (event: Event) => go({ tenant: (event.currentTarget as HTMLSelectElement).value || undefined })
      const options = ['', ...tenants].map((each) =>
        h('option', { value: each, selected: each === (tenant ?? '') }, each === '' ? 'Choose…' : each),
      )
      fill(
        who,
        tenants.length > 0
          ? h('label', {}, h('span', {}, 'Tenant'), h('select', { name: 'tenant', change: pick }, ...options))
          : h('p', { class: 'holder' }, foreignText(name)),
        h('button', { type: 'button', class: 'button', click: signOut }, 'Sign out'),
      )
    },
  }
}
