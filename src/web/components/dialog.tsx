import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { messages } from '../messages/messages.ts'

interface DialogProps {
  readonly title: string
  /** Closes the dialog; undefined = it cannot be closed. */
  readonly onClose?: () => void
  readonly children: ComponentChildren
}

/** A modal dialog: the page behind it cannot be used, and the focus stays inside and returns afterwards. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose?.()
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {onClose && (
          <button type="button" class="button icon" aria-label={messages().close} onClick={onClose}>
            ×
          </button>
        )}
      </header>
      {children}
    </dialog>
  )
}
