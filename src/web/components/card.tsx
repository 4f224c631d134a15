import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface CardProps {
  readonly title: string
  readonly subtitle?: string
  readonly children: ComponentChildren
}

/** A section of a view with its own heading. */
export function Card({ title, subtitle, children }: CardProps) {
  const id = useId()
  return (
    <section class="card" aria-labelledby={id}>
      <header class="card-header">
        <h2 id={id}>{title}</h2>
        {subtitle !== undefined && <p>{subtitle}</p>}
      </header>
      {children}
    </section>
  )
}
