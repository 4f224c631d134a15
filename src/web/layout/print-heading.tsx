import { channelName } from '../format/channel-name.ts'
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
  const { product, layout } = messages()
  const parts = [
    product,
    tenantOf(session, viewState.tenant),
    // Dates, because the name of a range means nothing without the day of the print.
    formatDates(datesOf(viewState, asOf)),
    formatZoneName(viewState.zone),
    view.controls.takesChannel && viewState.channel !== undefined ? channelName(viewState.channel) : undefined,
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
