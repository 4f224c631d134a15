import { TIME_RANGE_PRESETS } from '../../analytics/time/time-range.ts'
import { findTimeZone } from '../../base/time-zone.ts'
import { Icon } from '../components/icon.tsx'
import { Popover } from '../components/popover.tsx'
import { formatDates, formatShortDates } from '../format/dates.ts'
import { messages } from '../messages/messages.ts'
import { DATE_PRESETS, datePresetOf, datesOfPreset } from '../state/date-range.ts'
import { datesOf } from '../state/periods.ts'
import type { ViewState } from '../state/view-state.ts'
import { DateFields } from './date-fields.tsx'
import { PresetMenu } from './preset-menu.tsx'

const CALENDAR_ICON = 'M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 1.5v3M10.5 1.5v3'

interface DateRangePickerProps {
  readonly viewState: ViewState
  /** An instant of the day that is "today" (epoch milliseconds). */
  readonly now: number
  readonly onChange: (next: Partial<ViewState>) => void
}

/** A button that shows the selected range in words and dates, and opens the choice of another one. */
export function DateRangePicker({ viewState, now, onChange }: DateRangePickerProps) {
  const { dateRange, filters } = messages()
  const zone = findTimeZone(viewState.zone)!
  const dates = datesOf(viewState, now)
  const selected = viewState.dates ? datePresetOf(viewState.dates, zone, now) : viewState.range
  const name = selected && dateRange.presets[selected]
  const days = formatDates(dates)
  return (
    <Popover
      class="date-range"
      accessibleName={`${filters.range}: ${name === undefined ? '' : `${name} · `}${days}`}
      label={
        <>
          <Icon path={CALENDAR_ICON} />
          {name !== undefined && <span class="date-range-name">{name}</span>}
          <span class="date-range-days">{days}</span>
        </>
      }
    >
      {(close) => {
        const choose = (next: Partial<ViewState>) => {
          onChange(next)
          close()
        }
        return (
          <>
            <PresetMenu
              label={filters.range}
              selected={selected}
              groups={[
                TIME_RANGE_PRESETS.map((range) => ({
                  id: range,
                  text: dateRange.presets[range],
                  days: formatShortDates(datesOf({ range, dates: undefined, zone: zone.name }, now)),
                })),
                DATE_PRESETS.map((preset) => ({ id: preset, text: dateRange.presets[preset] })),
              ]}
              onChoose={(id) => {
                const range = TIME_RANGE_PRESETS.find((each) => each === id)
                const preset = DATE_PRESETS.find((each) => each === id)
                if (range) choose({ range, dates: undefined })
                else if (preset) choose({ dates: datesOfPreset(preset, zone, now) })
              }}
            />
            <DateFields dates={dates} onApply={(next) => choose({ dates: next })} />
          </>
        )
      }}
    </Popover>
  )
}
