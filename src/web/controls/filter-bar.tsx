import { useComputed } from '@preact/signals'
import { formatLocalDate, type Granularity } from '../../analytics/time/buckets.ts'
import { ALIGNMENTS } from '../../analytics/time/comparison-range.ts'
import { CHANNELS } from '../../base/channels.ts'
import { findTimeZone } from '../../base/time-zone.ts'
import { formatDates, formatTime } from '../format/dates.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import { datesOf, daysOf, defaultGranularity } from '../state/periods.ts'
import { VIEW_COMPARISONS, type ViewState } from '../state/view-state.ts'
import type { View } from '../views/view.ts'
import { DateRangePicker } from './date-range-picker.tsx'
import { SelectField } from './select-field.tsx'
import { ZonePicker } from './zone-picker.tsx'

/** The controls above a view: each change is a new address. */
export function FilterBar({ view }: { readonly view: View }) {
  const { address } = useApp()
  const viewState = address.viewState.value
  const now = useToday()
  const { filters, channels, channel } = messages()
  const { takesChannel, granularities } = view.controls
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
        {takesChannel && (
          <SelectField
            label={channel}
            name="channel"
            value={viewState.channel ?? ''}
            options={[
              { value: '', text: filters.allChannels },
              ...CHANNELS.map((each) => ({ value: each, text: channels[each] })),
            ]}
            clearLabel={filters.showAllChannels}
            onChange={(value) => address.navigate({ channel: value || undefined })}
          />
        )}
        <SelectField
          label={filters.compare}
          name="compare"
          value={viewState.compare}
          options={VIEW_COMPARISONS.map((value) => ({ value, text: filters.comparisons[value] }))}
          onChange={(value) => address.navigate({ compare: value as ViewState['compare'] })}
        />
        {viewState.compare !== 'none' && (
          <SelectField
            label={filters.align}
            name="align"
            value={viewState.align}
            options={ALIGNMENTS.map((value) => ({ value, text: filters.alignments[value] }))}
            onChange={(value) => address.navigate({ align: value as ViewState['align'] })}
          />
        )}
        <ZonePicker zone={viewState.zone} onChange={(zone) => address.navigate({ zone })} />
      </div>
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
  const { timeRange, elapsedUntil, coverage } = comparison
  const { zone } = shown.viewState
  const dateOf = (instant: string) => formatLocalDate(Date.parse(instant), findTimeZone(zone)!)
  const dates = formatDates({ start: dateOf(timeRange.start), end: dateOf(timeRange.end) })
  return (
    <p class="period">
      {filters.comparedWith(dates)}
      {elapsedUntil !== undefined && filters.bothUntil(formatTime(Date.parse(elapsedUntil), zone, 'short'))}.
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
