import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import type { ShownMetricName } from '../metrics/shown-metric.ts'
import { Definitions } from './definitions.tsx'

interface CardProps {
  readonly title: string
  readonly subtitle?: string
  readonly class?: string
  /** The metrics of the section, whose definitions a button beside the title shows. */
  readonly metrics?: readonly ShownMetricName[]
  readonly children: ComponentChildren
}

/** A section of a view with its own heading. */
export function Card({ title, subtitle, metrics, children, ...attributes }: CardProps) {
  const id = useId()
  return (
    <section class={`card ${attributes.class ?? ''}`} aria-labelledby={id}>
      <header class="card-header">
        <div class="card-title">
          <h2 id={id}>{title}</h2>
          {metrics && <Definitions title={title} names={metrics} />}
        </div>
        {subtitle !== undefined && <p>{subtitle}</p>}
      </header>
      {children}
    </section>
  )
}
