import type { ComponentChildren } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { keepInWindow } from './keep-in-window.ts'

interface PopoverProps {
  /** The text of the button. */
  readonly label: ComponentChildren
  /** The name of the button for screen readers, where the label is not enough. */
  readonly accessibleName?: string
  readonly class?: string
  /**
   * The content, created when the popover is open; `close` closes it and returns the focus to the button. The focus moves to the first control of it, or to the one
   * with the attribute `data-initial-focus`.
   */
  readonly children: (close: () => void) => ComponentChildren
}

const CONTROLS = 'a[href], button:not(:disabled), input:not(:disabled), select, textarea, [tabindex="0"]'

/**
 * A button that opens a small panel, inside the window wherever the button is. A click outside, Escape, and a focus that leaves it close the panel.
 */
export function Popover({ label, accessibleName, children, ...attributes }: PopoverProps) {
  const id = useId()
  const isOpen = useSignal(false)
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const close = () => {
    isOpen.value = false
    button.current?.focus()
  }
  useLayoutEffect(() => {
    if (!panel.current) return
    keepInWindow(panel.current)
    const initial = panel.current.querySelector<HTMLElement>('[data-initial-focus]')
    const target = initial ?? panel.current.querySelector<HTMLElement>(CONTROLS) ?? panel.current
    target.focus({ preventScroll: true })
  }, [isOpen.value])
  useEffect(() => {
    if (!isOpen.value) return undefined
    const closeOutside = ({ target }: Event) => {
      if (!(target instanceof Node) || !root.current?.contains(target)) isOpen.value = false
    }
    const move = () => panel.current && keepInWindow(panel.current)
    document.addEventListener('pointerdown', closeOutside)
    document.addEventListener('focusin', closeOutside)
    window.addEventListener('resize', move)
    return () => {
      document.removeEventListener('pointerdown', closeOutside)
      document.removeEventListener('focusin', closeOutside)
      window.removeEventListener('resize', move)
    }
  }, [isOpen.value])
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
        id={`${id}-button`}
        type="button"
        class="button"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-controls={isOpen.value ? id : undefined}
        aria-label={accessibleName}
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        {label}
      </button>
      {isOpen.value && (
        <div ref={panel} id={id} class="popover-panel" role="dialog" aria-labelledby={`${id}-button`} tabIndex={-1}>
          {children(close)}
        </div>
      )}
    </div>
  )
}
