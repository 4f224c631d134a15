import type { ComponentChildren, RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { AddressLink } from '../components/address-link.tsx'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import { texts } from './texts/texts.ts'

export interface DrillPageProps {
  /** Takes the focus when the content changes. */
  readonly heading: RefObject<HTMLHeadingElement | null>
}

interface DrillHeadingProps extends DrillPageProps {
  readonly title: string
  /** Further facts, each in words. */
  readonly parts?: readonly string[]
  readonly children?: ComponentChildren
}

/** The heading of what is behind a number, with the way back. */
export function DrillHeading({ heading, title, parts = [], children }: DrillHeadingProps) {
  const { address } = useApp()
  const { view, drill, opened } = address.viewState.value
  const { views, product } = messages()
  const isInList = drill !== undefined && opened !== undefined
  const focused = useRef(false)
  useEffect(() => {
    document.title = [title, product].join(' · ')
  }, [title])
  useEffect(() => {
    // Announces the new page to screen readers, once.
    if (!focused.current) {
      heading.current?.focus({ preventScroll: true })
      scrollTo(0, address.leftAt ?? 0)
    }
    focused.current = true
  }, [])
  return (
    <div class="view-header">
      <div class="entity-heading">
        <AddressLink
          next={isInList ? { opened: undefined } : { drill: undefined, opened: undefined }}
          class="back-link"
        >
          {isInList ? texts().backToList : texts().back(views[view].title)}
        </AddressLink>
        <h1 ref={heading} tabIndex={-1}>
          <bdi>{title}</bdi>
        </h1>
        {parts.length > 0 && (
          <p class="subtitle drill-parts">
            {parts.map((part) => (
              <bdi key={part}>{part}</bdi>
            ))}
          </p>
        )}
      </div>
      {children}
    </div>
  )
}
