import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { messages } from '../messages/messages.ts'

interface DialogProps {
  readonly title: string
  /** Closes the dialog; undefined = it cannot be closed. */
  readonly onClose?: () => void
  readonly children: ComponentChildren
}

/** A modal dialog: the page behind it cannot be used, and the focus stays inside and returns afterwards. Escape and a click outside close it, where it can be closed. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const element = dialog.current!
    element.showModal()
    // The focus returns only when the dialog is closed before it is removed.
    return () => element.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose?.()
      }}
      // Browsers let a second Escape close a dialog whose `cancel` event is prevented.
      onKeyDown={(event) => event.key === 'Escape' && !onClose && event.preventDefault()}
      onClose={({ currentTarget }) => currentTarget.isConnected && !onClose && currentTarget.showModal()}
      onClick={(event) => event.target === event.currentTarget && onClose?.()}
    >
      <div class="dialog-content">
        <header>
          <h2 id={id}>{title}</h2>
          {onClose && (
            <button type="button" class="button icon" aria-label={messages().close} onClick={onClose}>
              ×
            </button>
          )}
        </header>
        {children}
      </div>
    </dialog>
  )
}
