import type { ViewState } from '../state/view-state.ts'
import type { LoadedData, LoadRequest } from '../views/view.ts'

/** The last load of each state of the page, with the time at which it began. */
const recent = new WeakMap<ViewState, { readonly at: number; readonly loaded: LoadedData<unknown> }>()

/**
 * Loads a state of the page, or gives what was loaded for the same one less than `intervalMs` ago: events that arrive all the time repeat costly requests no more often.
 * A navigation makes another state, which is loaded at once.
 */
export async function loadedRecently<Data>(
  { viewState, now }: Pick<LoadRequest, 'viewState' | 'now'>,
  intervalMs: number,
  load: () => Promise<LoadedData<Data>>,
): Promise<LoadedData<Data>> {
  const last = recent.get(viewState)
  // A state is always loaded in the same way.
  if (last && now - last.at < intervalMs) return last.loaded as LoadedData<Data>
  const loaded = await load()
  recent.set(viewState, { at: now, loaded })
  return loaded
}
