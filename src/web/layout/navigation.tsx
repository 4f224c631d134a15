import { useEffect, useRef } from 'preact/hooks'
import { AddressLink } from '../components/address-link.tsx'
import { Icon } from '../components/icon.tsx'
import { FiringCount } from '../firing/firing-count.tsx'
import { messages } from '../messages/messages.ts'
import { otherView } from '../state/address.ts'
import { VIEW_IDS, type ViewId } from '../state/view-state.ts'
import { viewOf } from '../views/views.ts'

/** Links to all views, which keep the range and the filters. The link of the shown view is scrolled into sight. */
export function Navigation({ current }: { readonly current: ViewId }) {
  const { views, viewGroups, layout } = messages()
  const navigation = useRef<HTMLElement>(null)
  useEffect(() => {
    const link = navigation.current?.querySelector('[aria-current]')
    link?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [current])
  const groups = [...Map.groupBy(VIEW_IDS, (id) => viewOf(id).group)]
  return (
    <nav ref={navigation} class="navigation" aria-label={layout.dashboards}>
      {groups.map(([group, ids]) => (
        <div key={group}>
          {groups.length > 1 && <p class="navigation-heading">{viewGroups[group]}</p>}
          <ul>
            {ids.map((id) => (
              <li key={id}>
                <AddressLink next={otherView(id)} isCurrent={id === current}>
                  <Icon path={viewOf(id).icon} />
                  {views[id].title}
                  {id === 'alerts' && <FiringCount />}
                </AddressLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}
