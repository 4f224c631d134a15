import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'

interface PopoverProps {
  /** The text of the button. */
  readonly label: ComponentChildren
  /** The name of the button for screen readers, where the label is not enough. */
  readonly accessibleName?: string
  readonly class?: string
  /** The content, created when the popover is open; `close` closes it and returns the focus to the button. */
  readonly children: (close: () => void) => ComponentChildren
}

/** A button that opens a small panel. A click outside, Escape, and a focus that leaves it close the panel. */
export function Popover({ label, accessibleName, children, ...attributes }: PopoverProps) {
  const id = useId()
  const isOpen = useSignal(false)
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const close = () => {
    isOpen.value = false
    button.current?.focus()
  }
  useEffect(() => {
    const closeOutside = ({ target }: Event) => {
      if (!(target instanceof Node) || !root.current?.contains(target)) isOpen.value = false
    }
    document.addEventListener('pointerdown', closeOutside)
    document.addEventListener('focusin', closeOutside)
    return () => {
      document.removeEventListener('pointerdown', closeOutside)
      document.removeEventListener('focusin', closeOutside)
    }
  }, [])
  return (
    <div
      ref={root}
      class={`popover ${attributes.class ?? ''}`}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen.value) return
        event.stopPropagation()
        close()
      }}
    >
      <button
        ref={button}
        type="button"
        class="button"
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={accessibleName}
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        {label}
      </button>
      {isOpen.value && (
        <div id={id} class="popover-panel">
          {children(close)}
        </div>
      )}
    </div>
  )
}
