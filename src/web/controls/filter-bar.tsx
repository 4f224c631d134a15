import { useComputed } from '@preact/signals'
import type { Granularity } from '../../analytics/time/buckets.ts'
import { CHANNELS } from '../../base/channels.ts'
import { findTimeZone } from '../../base/time-zone.ts'
import { formatDates } from '../format/dates.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import { defaultGranularity, periodsOf } from '../state/periods.ts'
import type { ViewState } from '../state/view-state.ts'
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
  const automatic = defaultGranularity(periodsOf(viewState, now).days, granularities)
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
        <ZonePicker zone={viewState.zone} onChange={(zone) => address.navigate({ zone })} />
      </div>
      <Period viewState={viewState} now={now} />
    </div>
  )
}

/** The days that the shown days are compared with. */
function Period({ viewState, now }: { readonly viewState: ViewState; readonly now: number }) {
  const { filters } = messages()
  const { days, includesToday, previousDates } = periodsOf(viewState, now)
  const comparison = filters.comparedWith(days, formatDates(previousDates))
  return <p class="period">{includesToday ? filters.upToTheSameTime(comparison) : comparison}</p>
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
