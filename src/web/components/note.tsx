import type { ComponentChildren } from 'preact'

/** A remark about numbers. */
export function Note({ children }: { readonly children: ComponentChildren }) {
  return <p class="note">{children}</p>
}
