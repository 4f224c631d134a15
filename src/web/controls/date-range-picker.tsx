import { TIME_RANGE_PRESETS } from '../../analytics/time/time-range.ts'
import { messages } from '../messages/messages.ts'
import type { ViewState } from '../state/view-state.ts'

interface DateRangePickerProps {
  readonly viewState: ViewState
  readonly onChange: (next: Partial<ViewState>) => void
}

/** The range that is shown: presets, or a first and a last day. */
export function DateRangePicker({ viewState, onChange }: DateRangePickerProps) {
  const { dateRange, filters } = messages()
  return (
    <div class="date-range" role="group" aria-label={filters.range}>
      {TIME_RANGE_PRESETS.map((range) => (
        <button
          key={range}
          type="button"
          class="button"
          aria-pressed={!viewState.dates && viewState.range === range}
          onClick={() => onChange({ range, dates: undefined })}
        >
          {dateRange.presets[range]}
        </button>
      ))}
    </div>
  )
}
