import { useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { rowAfterKey } from './row-window.ts'

interface RowFocusOptions {
  /** The keys of all rows in their order, whether they exist in the document or not. */
  readonly keys: readonly string[]
  /** The element that is scrolled. It receives the focus when the focused row is gone. */
  readonly scroll: RefObject<HTMLElement | null>
  readonly pageRows: () => number
}

/** Moves the focus between the links of rows by keys, and keeps it on its row when rows are drawn again in another order. */
export function useRowFocus({ keys, scroll, pageRows }: RowFocusOptions) {
  const focusedKey = useSignal<string | undefined>(undefined)
  /** The row that receives the focus as soon as it exists. */
  const pendingKey = useRef<string | undefined>(undefined)
  const isDrawing = useRef(false)
  isDrawing.current = true

  const linkOf = (key: string) =>
    scroll.current?.querySelector<HTMLElement>(`tr[data-row-key="${CSS.escape(key)}"] .row-link`)

  useLayoutEffect(() => {
    isDrawing.current = false
    const pending = pendingKey.current
    const focused = focusedKey.peek()
    pendingKey.current = undefined
    if (pending !== undefined) return linkOf(pending)?.focus()
    const active = document.activeElement
    if (focused === undefined || (active && active !== document.body)) return
    // An element loses the focus when it is moved or removed.
    const target = linkOf(focused) ?? scroll.current
    target?.focus({ preventScroll: true })
  })

  return {
    focusedKey,
    handlers: {
      onFocusIn({ target }: FocusEvent) {
        focusedKey.value = rowKeyOf(target)
      },
      onFocusOut({ relatedTarget }: FocusEvent) {
        // Neither an update of the rows nor a change to another window ends the work with a row.
        if (isDrawing.current || !document.hasFocus() || rowKeyOf(relatedTarget) !== undefined) return
        focusedKey.value = undefined
      },
      onKeyDown(event: KeyboardEvent) {
        if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
        const current = keys.indexOf(rowKeyOf(event.target) ?? '')
        const next = current === -1 ? undefined : rowAfterKey(event.key, current, keys.length, pageRows())
        if (next === undefined) return
        event.preventDefault()
        const key = keys[next]!
        const link = linkOf(key)
        if (link) return link.focus()
        pendingKey.current = key
        focusedKey.value = key
      },
    },
  }
}

function rowKeyOf(target: EventTarget | null): string | undefined {
  return target instanceof Element ? target.closest<HTMLElement>('tr[data-row-key]')?.dataset['rowKey'] : undefined
}
