import { viewModules } from 'view-modules'
import { VIEW_IDS, type ViewId } from '../state/view-state.ts'
import type { View } from './view.ts'

const views = new Map(
  VIEW_IDS.map((id) => {
    const module = viewModules[id]
    if (!module) throw new Error(`The view ${id} has texts in messages/en.ts, but no file views/${id}.tsx.`)
    // Each view receives only the data that its own `load` returns.
    return [id, module.view as unknown as View]
  }),
)

export function viewOf(id: ViewId): View {
  return views.get(id)!
}
