import { applicableFilters } from '../filters/filter.ts'
import { conditionText } from '../filters/filter-text.ts'
import { formatDateTime, formatDates } from '../format/dates.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import { datesOf } from '../state/periods.ts'
import { type Session, tenantOf } from '../state/session.ts'
import { formatZoneName } from '../state/zone-names.ts'

/** On paper only, in place of the controls: the tenant, the days, the time zone and the time of the numbers, and the address of the view. */
export function PrintHeading({ session }: { readonly session: Session }) {
  const { shown } = useApp().loader.status.value
  if (!shown) return null
  const { viewState, asOf, view } = shown
  const { product, layout, dimensions } = messages()
  const parts = [
    product,
    tenantOf(session, viewState.tenant),
    // Dates, because the name of a range means nothing without the day of the print.
    view.isOfDefinitions ? undefined : formatDates(datesOf(viewState, asOf)),
    formatZoneName(viewState.zone),
    ...applicableFilters(viewState.filters, view.controls, viewState.id).map(
      (filter) => `${dimensions[filter.dimension]}: ${conditionText(filter)}`,
    ),
    layout.asOf(formatDateTime(asOf, viewState.zone)),
  ]
  return (
    <div class="print-only print-heading">
      <p>
        {parts
          .filter((part) => part !== undefined)
          .map((part) => (
            <bdi key={part}>{part}</bdi>
          ))}
      </p>
      <p>{location.href}</p>
    </div>
  )
}
