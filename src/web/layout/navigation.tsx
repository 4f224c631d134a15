import { messages } from '../messages/messages.ts'
import { otherView } from '../state/address.ts'
import { VIEW_IDS, type ViewId } from '../state/view-state.ts'
import { AddressLink } from '../components/address-link.tsx'

/** Links to all views, which keep the range and the filters. */
export function Navigation({ current }: { readonly current: ViewId }) {
  const { views, layout } = messages()
  return (
    <nav aria-label={layout.dashboards}>
      {VIEW_IDS.map((view) => (
        <AddressLink key={view} next={otherView(view)} isCurrent={view === current}>
          {views[view].title}
        </AddressLink>
      ))}
    </nav>
  )
}
