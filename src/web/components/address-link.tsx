import type { ComponentChildren } from 'preact'
import { useApp } from '../state/app.ts'
import type { ViewState } from '../state/view-state.ts'

interface AddressLinkProps {
  /** The parts of the address that change. */
  readonly next: Partial<ViewState>
  readonly isCurrent?: boolean
  readonly class?: string
  readonly title?: string | undefined
  /** -1 for a link that other keys than Tab reach. */
  readonly tabIndex?: number
  readonly children: ComponentChildren
}

/** A link to another state of the page. The browser handles clicks that open another tab or window. */
export function AddressLink({ next, isCurrent = false, title, tabIndex, children, ...attributes }: AddressLinkProps) {
  const { address } = useApp()
  return (
    <a
      class={attributes.class}
      title={title}
      tabIndex={tabIndex}
      href={address.hrefOf(next)}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
        event.preventDefault()
        address.navigate(next)
      }}
    >
      {children}
    </a>
  )
}
