import { formatDateTime, formatDates } from '../format/dates.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import { datesOf } from '../state/periods.ts'
import { type Session, sessionIdentityOf } from '../state/session.ts'
import { formatZoneName } from '../state/zone-names.ts'

/** On paper only, in place of the controls: whose numbers these are, of which days, read when, and where they are found again. */
export function PrintHeading({ session }: { readonly session: Session }) {
  const { shown } = useApp().loader.status.value
  if (!shown) return null
  const { viewState, asOf, view } = shown
  const { product, layout, channels } = messages()
  const parts = [
    product,
    viewState.tenant ?? sessionIdentityOf(session).tenant,
    // Dates, because paper does not know when it was printed.
    formatDates(datesOf(viewState, asOf)),
    formatZoneName(viewState.zone),
    view.controls.takesChannel && viewState.channel !== undefined
      ? channels[viewState.channel as keyof typeof channels]
      : undefined,
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
