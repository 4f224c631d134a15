import type { Granularity } from '../../analytics/time/buckets.ts'
import { CHANNELS } from '../../base/channels.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import type { View } from '../views/view.ts'
import { DateRangePicker } from './date-range-picker.tsx'
import { ZonePicker } from './zone-picker.tsx'

/** The controls above a view: each change is a new address. */
export function FilterBar({ view }: { readonly view: View }) {
  const { address } = useApp()
  const viewState = address.viewState.value
  const { filters, channels, channel } = messages()
  const { takesChannel, granularities } = view.controls
  return (
    <div class="filter-bar" role="group" aria-label={filters.label}>
      <DateRangePicker viewState={viewState} onChange={address.navigate} />
      {granularities.length > 0 && (
        <label>
          <span>{filters.granularity}</span>
          <select
            name="granularity"
            value={granularities.find((each) => each === viewState.granularity) ?? ''}
            onChange={({ currentTarget: { value } }) =>
              address.navigate({ granularity: (value || undefined) as Granularity | undefined })
            }
          >
            <option value="">{filters.automatic}</option>
            {granularities.map((each) => (
              <option key={each} value={each}>
                {filters.granularities[each]}
              </option>
            ))}
          </select>
        </label>
      )}
      {takesChannel && (
        <label>
          <span>{channel}</span>
          <select
            name="channel"
            value={viewState.channel ?? ''}
            onChange={({ currentTarget: { value } }) => address.navigate({ channel: value || undefined })}
          >
            <option value="">{filters.allChannels}</option>
            {CHANNELS.map((each) => (
              <option key={each} value={each}>
                {channels[each]}
              </option>
            ))}
          </select>
        </label>
      )}
      <ZonePicker zone={viewState.zone} onChange={(zone) => address.navigate({ zone })} />
    </div>
  )
}
