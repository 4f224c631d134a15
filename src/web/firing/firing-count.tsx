import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'

/** How many alerts fire, beside the name of their view. */
export function FiringCount() {
  const { firing } = useApp()
  const count = firing.alerts.value.length
  if (count === 0) return null
  return (
    <span class="navigation-count">
      <span aria-hidden="true">{count}</span>
      <span class="visually-hidden">{messages().firing.count(String(count))}</span>
    </span>
  )
}
