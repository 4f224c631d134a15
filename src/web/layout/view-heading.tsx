import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { AddressLink } from '../components/address-link.tsx'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import type { ViewStatus } from '../state/view-loader.ts'
import type { ViewId } from '../state/view-state.ts'
import { viewOf } from '../views/views.ts'

/** The heading of a view, or of the page of one campaign, workflow, …, with the way back to all of them. */
export function ViewHeading({ heading }: { readonly heading: RefObject<HTMLHeadingElement | null> }) {
  const { address, loader } = useApp()
  const { view, id } = address.viewState.value
  const { views, product, entity } = messages()
  const { title, subtitle } = views[view]
  const status = loader.status.value
  const name = id === undefined ? undefined : (shownEntityName(status, view, id) ?? (status.isLoading ? undefined : id))
  const isPending = id !== undefined && name === undefined
  const isFirst = useRef(true)
  useEffect(() => {
    // The previous title stays until the name is known.
    if (!isPending) document.title = [name, title, product].filter(Boolean).join(' · ')
  }, [view, name, isPending])
  useEffect(() => {
    // Announces the new page to screen readers.
    if (!isFirst.current) {
      heading.current?.focus({ preventScroll: true })
      scrollTo(0, 0)
    }
    isFirst.current = false
  }, [view, id])
  const isShown = status.shown?.viewState === address.viewState.value
  useEffect(() => {
    // A user who goes back finds the page where it was left.
    if (isShown && address.leftAt !== undefined) scrollTo(0, address.leftAt)
  }, [view, id, isShown])
  if (id === undefined)
    return (
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <p class="subtitle">{subtitle}</p>
      </div>
    )
  return (
    <div class="entity-heading">
      <AddressLink next={{ id: undefined, definition: undefined }} class="back-link">
        {entity.back(title)}
      </AddressLink>
      <h1 ref={heading} tabIndex={-1}>
        {isPending && <span class="skeleton entity-name-placeholder" aria-hidden="true" />}
        <bdi class={isPending ? 'visually-hidden' : undefined}>{name ?? id}</bdi>
      </h1>
      {name !== id && !viewOf(view).isOfDefinitions && (
        <p class="subtitle">
          <bdi class="entity-id">{id}</bdi>
        </p>
      )}
    </div>
  )
}

/** The name of the entity on the screen; undefined while its data is not loaded, and where nothing is known about it. */
function shownEntityName({ shown }: ViewStatus, view: ViewId, id: string): string | undefined {
  const isShown = shown?.viewState.view === view && shown.viewState.id === id
  return isShown ? shown.view.entityName?.(shown.data) : undefined
}
