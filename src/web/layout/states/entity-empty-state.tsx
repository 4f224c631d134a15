import { AddressLink } from '../../components/address-link.tsx'
import { channelName } from '../../format/channel-name.ts'
import { messages } from '../../messages/messages.ts'
import type { ViewState } from '../../state/view-state.ts'

/** In place of the page of a campaign, workflow, … without events in the range. */
export function EntityEmptyState({ viewState: { view, range, dates, channel } }: { readonly viewState: ViewState }) {
  const { views, entity, empty } = messages()
  const isLongest = !dates && range === '90d'
  return (
    <section class="status-message">
      <h2>{entity.unknown}</h2>
      <p>{channel === undefined ? entity.unknownHint : entity.channelHint(channelName(channel))}</p>
      <p class="status-actions">
        {channel !== undefined && (
          <AddressLink next={{ channel: undefined }} class="button primary">
            {empty.clearFilter}
          </AddressLink>
        )}
        {!isLongest && (
          <AddressLink
            next={{ range: '90d', dates: undefined }}
            class={channel === undefined ? 'button primary' : 'button'}
          >
            {empty.showLonger}
          </AddressLink>
        )}
        <AddressLink next={{ id: undefined }} class="button">
          {entity.back(views[view].title)}
        </AddressLink>
      </p>
    </section>
  )
}
