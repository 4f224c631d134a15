/** The address of the page as a signal. Navigation changes the address, and everything that is shown follows from it. */
import { type ReadonlySignal, signal } from '@preact/signals'
import { formatViewState, parseViewState, type ViewId, type ViewState } from './view-state.ts'

export interface Address {
  readonly viewState: ReadonlySignal<ViewState>
  /** Changes parts of the state, with a new entry in the history of the browser. */
  navigate(next: Partial<ViewState>): void
  /** The scroll position (pixels) that the user left the current entry of the history at; undefined for a new one. */
  readonly leftAt: number | undefined
  /** The query string of the current state with other parts, for links. */
  hrefOf(next: Partial<ViewState>): string
}

/** The parts of the state that another view does not take over. */
export const otherView = (view: ViewId) => ({
  view,
  id: undefined,
  granularity: undefined,
  sort: undefined,
  definition: undefined,
  drill: undefined,
  opened: undefined,
})

/** Follows the address of the window. An incomplete address is completed, so that a shared link does not depend on the time zone of the other browser. */
export function openAddress(browserZone: string): Address {
  const viewState = signal(parseViewState(location.search, browserZone))
  // The browser restores a position at once, when the data that gives the page its height is not loaded yet.
  history.replaceState(history.state, '', formatViewState(viewState.value))
  let leftAt: number | undefined
  window.addEventListener('popstate', ({ state }: PopStateEvent) => {
    leftAt = (state as { readonly leftAt?: number } | null)?.leftAt
    viewState.value = parseViewState(location.search, browserZone)
  })
  const hrefOf = (next: Partial<ViewState>) => formatViewState({ ...viewState.value, ...next })
  return {
    viewState,
    get leftAt() {
      return leftAt
    },
    hrefOf,
    navigate(next) {
      const search = hrefOf(next)
      leftAt = undefined
      if (search !== formatViewState(viewState.value)) {
        history.replaceState({ leftAt: scrollY }, '')
        history.pushState(null, '', search)
      }
      viewState.value = parseViewState(search, browserZone)
    },
  }
}
