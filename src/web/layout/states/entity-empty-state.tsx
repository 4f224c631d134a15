import { AddressLink } from '../../components/address-link.tsx'
import { applicableFilters } from '../../filters/filter.ts'
import { messages } from '../../messages/messages.ts'
import type { ViewState } from '../../state/view-state.ts'
import { viewOf } from '../../views/views.ts'

/** In place of the page of a campaign, workflow, … without events in the range. */
export function EntityEmptyState({
  viewState: { view, range, dates, filters, id },
}: {
  readonly viewState: ViewState
}) {
  const { views, entity, empty } = messages()
  const isFiltered = applicableFilters(filters, viewOf(view).controls, id).length > 0
  const isLongest = !dates && range === '90d'
  return (
    <section class="status-message">
      <h2>{entity.unknown}</h2>
      <p>{isFiltered ? entity.filterHint : entity.unknownHint}</p>
      <p class="status-actions">
        {isFiltered && (
          <AddressLink next={{ filters: [] }} class="button primary">
            {empty.clearFilter}
          </AddressLink>
        )}
        {!isLongest && (
          <AddressLink next={{ range: '90d', dates: undefined }} class={isFiltered ? 'button' : 'button primary'}>
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
