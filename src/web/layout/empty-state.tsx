import { messages } from '../messages/messages.ts'
import type { ViewState } from '../state/view-state.ts'
import type { View } from '../views/view.ts'

/** In place of a view without data: what to do about it. */
export function EmptyState(_: { readonly view: View; readonly viewState: ViewState }) {
  return (
    <section class="status-message">
      <h2>{messages().empty.title}</h2>
    </section>
  )
}
