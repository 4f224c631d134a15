import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'

/** The short messages of the page. They stay while the pointer or the focus is on them; Escape dismisses the focused one. */
export function ToastList() {
  const { toasts } = useApp()
  return (
    <div
      class="toasts"
      role="status"
      onMouseEnter={() => toasts.pause()}
      onMouseLeave={({ currentTarget }) => !currentTarget.contains(document.activeElement) && toasts.resume()}
      onFocusIn={() => toasts.pause()}
      onFocusOut={({ currentTarget, relatedTarget }) => {
        const isInside = relatedTarget instanceof Node && currentTarget.contains(relatedTarget)
        if (!isInside && !currentTarget.matches(':hover')) toasts.resume()
      }}
    >
      {toasts.list.value.map(({ id, kind, text }) => (
        <div key={id} class="toast" data-kind={kind} onKeyDown={({ key }) => key === 'Escape' && toasts.dismiss(id)}>
          <p>{text}</p>
          <button type="button" class="button icon" aria-label={messages().close} onClick={() => toasts.dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  )
}
