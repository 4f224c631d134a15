import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'

/** The short messages of the page. */
export function ToastList() {
  const { toasts } = useApp()
  return (
    <div class="toasts" role="status">
      {toasts.list.value.map(({ id, kind, text }) => (
        <p key={id} class="toast" data-kind={kind}>
          {text}
          <button type="button" class="button icon" aria-label={messages().close} onClick={() => toasts.dismiss(id)}>
            ×
          </button>
        </p>
      ))}
    </div>
  )
}
