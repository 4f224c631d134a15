import { useComputed } from '@preact/signals'
import type { Granularity } from '../../analytics/time/buckets.ts'
import { findTimeZone } from '../../base/time-zone.ts'
import { FilterChips } from '../filters/filter-chips.tsx'
import { formatDates, formatTime } from '../format/dates.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import { datesOf, daysOf, defaultGranularity } from '../state/periods.ts'
import type { ViewState } from '../state/view-state.ts'
import type { View } from '../views/view.ts'
import { comparedDates, ComparisonFields } from './comparison-fields.tsx'
import { DateRangePicker } from './date-range-picker.tsx'
import { SelectField } from './select-field.tsx'
import { ZonePicker } from './zone-picker.tsx'

/** The controls above a view: each change is a new address. */
export function FilterBar({ view }: { readonly view: View }) {
  const { address } = useApp()
  const viewState = address.viewState.value
  const now = useToday()
  const { filters, metrics } = messages()
  const { granularities, sorts, takesComparison } = view.controls
  const automatic = defaultGranularity(daysOf(datesOf(viewState, now)), granularities)
  return (
    <div class="filters">
      <div class="filter-bar" role="group" aria-label={filters.label}>
        <DateRangePicker viewState={viewState} now={now} onChange={address.navigate} />
        {automatic !== undefined && (
          <SelectField
            label={filters.granularity}
            name="granularity"
            value={granularities.find((each) => each === viewState.granularity) ?? ''}
            options={[
              { value: '', text: filters.automatic(filters.granularities[automatic]) },
              ...granularities.map((each) => ({ value: each, text: filters.granularities[each] })),
            ]}
            onChange={(value) => address.navigate({ granularity: (value || undefined) as Granularity | undefined })}
          />
        )}
        {sorts.length > 0 && viewState.id === undefined && (
          <SelectField
            label={filters.order}
            name="sort"
            value={sorts.find((each) => each === viewState.sort) ?? ''}
            options={[
              { value: '', text: filters.usualOrder },
              ...sorts.map((each) => ({ value: each, text: metrics[each].label })),
            ]}
            onChange={(value) => address.navigate({ sort: (value || undefined) as ViewState['sort'] })}
          />
        )}
        {takesComparison && <ComparisonFields viewState={viewState} now={now} />}
        <ZonePicker zone={viewState.zone} onChange={(zone) => address.navigate({ zone })} />
      </div>
      <FilterChips controls={view.controls} />
      <ComparedWith />
    </div>
  )
}

/** What the shown numbers are compared with, until when, and whether that can be relied on. Empty until they are loaded. */
function ComparedWith() {
  const { loader } = useApp()
  const { filters } = messages()
  const { shown } = loader.status.value
  const comparison = shown?.view.comparison(shown.data)
  if (!shown || !comparison) return <p class="period" />
  const { elapsedUntil, coverage } = comparison
  const { zone } = shown.viewState
  return (
    <p class="period">
      {filters.comparedWith(formatDates(comparedDates(shown)!))}
      {elapsedUntil !== undefined && filters.bothUntil(formatTime(Date.parse(elapsedUntil), zone, 'short'))}.
      {'engagement' in comparison && ` ${filters.equalAge}`}
      {coverage === 'incomplete' && <strong> {filters.incompleteCoverage}</strong>}
    </p>
  )
}

/** The start of the current day in the selected zone (epoch milliseconds). Checked with every load, so that it follows the data over midnight and changes nothing before. */
function useToday(): number {
  const { address, loader } = useApp()
  const today = useComputed(() => {
    const zone = findTimeZone(address.viewState.value.zone)!
    const lastLoad = loader.status.value.shown?.asOf ?? 0
    return zone.startOfDay(zone.localDate(Math.max(lastLoad, Date.now())))
  })
  return today.value
}
