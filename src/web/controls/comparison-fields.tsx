import { formatLocalDate } from '../../analytics/time/buckets.ts'
import { ALIGNMENTS } from '../../analytics/time/comparison-range.ts'
import { findTimeZone } from '../../base/time-zone.ts'
import { Popover } from '../components/popover.tsx'
import { formatDates } from '../format/dates.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import type { DateRange } from '../state/date-range.ts'
import { datesBefore, datesOf } from '../state/periods.ts'
import type { ShownView } from '../state/view-loader.ts'
import { VIEW_COMPARISONS, type ViewState } from '../state/view-state.ts'
import { DateFields } from './date-fields.tsx'
import { SelectField } from './select-field.tsx'

interface ComparisonFieldsProps {
  readonly viewState: ViewState
  /** An instant of the day that is "today" (epoch milliseconds). */
  readonly now: number
}

/** What the range is compared with: the period or the year before, matched by weekdays or dates, or days of the user's choice. */
export function ComparisonFields({ viewState, now }: ComparisonFieldsProps) {
  const { address, loader } = useApp()
  const { filters } = messages()
  const { compare, align, compareDates } = viewState
  const choose = (next: ViewState['compare']) => {
    // The days that were compared are those to begin with.
    const shown = loader.status.peek().shown
    const days = (shown && comparedDates(shown)) ?? datesBefore(datesOf(viewState, now))
    address.navigate({ compare: next, compareDates: next === 'custom' ? days : undefined })
  }
  return (
    <>
      <SelectField
        label={filters.compare}
        name="compare"
        value={compare}
        options={VIEW_COMPARISONS.map((value) => ({ value, text: filters.comparisons[value] }))}
        onChange={(value) => choose(value as ViewState['compare'])}
      />
      {(compare === 'previous' || compare === 'year') && (
        <SelectField
          label={filters.align}
          name="align"
          value={align}
          options={ALIGNMENTS.map((value) => ({ value, text: filters.alignments[value] }))}
          onChange={(value) => address.navigate({ align: value as ViewState['align'] })}
        />
      )}
      {compareDates && (
        <Popover
          class="date-range"
          accessibleName={`${filters.comparedDays}: ${formatDates(compareDates)}`}
          label={<span class="date-range-days">{formatDates(compareDates)}</span>}
        >
          {(close) => (
            <DateFields
              dates={compareDates}
              onApply={(next) => {
                address.navigate({ compareDates: next })
                close()
              }}
            />
          )}
        </Popover>
      )}
    </>
  )
}

/** The local dates of the older range, as far as it is compared; undefined without a comparison. */
export function comparedDates({ view, data, viewState }: ShownView): DateRange | undefined {
  const comparison = view.comparison(data)
  if (!comparison) return undefined
  const zone = findTimeZone(viewState.zone)!
  const dateOf = (instant: string) => formatLocalDate(Date.parse(instant), zone)
  return { start: dateOf(comparison.timeRange.start), end: dateOf(comparison.timeRange.end) }
}
