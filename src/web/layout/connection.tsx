import { useEffect } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { formatTime } from '../format/dates.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'

/** A shorter interruption changes the indicator only: a banner would move the page twice. */
const BANNER_DELAY_MS = 2_000

/** Whether the numbers are up to date. Nothing is shown where there are none. */
export function LiveIndicator() {
  const { loader } = useApp()
  const { shown, isLoading } = loader.status.value
  const connection = loader.connection.value
  const { live } = messages()
  const isOffline = loader.isOffline.value
  return (
    <span class="live" role="status" data-live={connection} hidden={!shown && !isLoading}>
      {isOffline ? live.offline : live[connection]}
    </span>
  )
}

/** Shows since when the numbers are out of date, and announces that they are up to date again. */
export function ConnectionBanner() {
  const { loader, toasts } = useApp()
  const { shown } = loader.status.value
  const { live } = messages()
  const isWaiting = loader.connection.value === 'waiting' && shown !== undefined
  const isOffline = loader.isOffline.value
  const isShown = useSignal(false)
  useEffect(() => {
    if (isWaiting) {
      const timer = setTimeout(() => (isShown.value = true), isOffline ? 0 : BANNER_DELAY_MS)
      return () => clearTimeout(timer)
    }
    if (isShown.peek() && ['live', 'polling'].includes(loader.connection.peek())) toasts.show('success', live.recovered)
    isShown.value = false
    return undefined
  }, [isWaiting, isOffline])
  if (!isWaiting || !isShown.value) return null
  const time = formatTime(loader.confirmedAt, shown.viewState.zone)
  return (
    <p class="banner" role="status">
      {isOffline ? live.offlineBanner(time) : live.waitingBanner(time)}
    </p>
  )
}
