import { formatTime } from '../format/dates.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'

/** Whether the numbers are up to date. */
export function LiveIndicator() {
  const connection = useApp().loader.connection.value
  return (
    <span class="live" role="status" data-live={connection}>
      {messages().live[connection]}
    </span>
  )
}

/** Says since when the numbers are out of date. */
export function ConnectionBanner() {
  const { loader } = useApp()
  const { shown } = loader.status.value
  if (loader.connection.value !== 'waiting' || !shown) return null
  const { live } = messages()
  const time = formatTime(shown.asOf, shown.viewState.zone)
  return <p class="banner">{navigator.onLine ? live.waitingBanner(time) : live.offlineBanner(time)}</p>
}
