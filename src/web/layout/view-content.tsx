import type { ComponentChildren } from 'preact'
import { useEffect, useErrorBoundary, useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { Skeleton } from '../components/skeleton.tsx'
import { useApp } from '../state/app.ts'
import { needsTenantChoice, sessionIdentityOf } from '../state/session.ts'
import type { ShownView } from '../state/view-loader.ts'
import type { ViewState } from '../state/view-state.ts'
import { viewOf } from '../views/views.ts'
import { EmptyState } from './states/empty-state.tsx'
import { EntityEmptyState } from './states/entity-empty-state.tsx'
import { ErrorState } from './states/error-state.tsx'
import { TenantChoice } from './states/tenant-choice.tsx'

/** The data of the shown view, or the reason why there is none. */
export function ViewContent() {
  const { address, loader, session } = useApp()
  const viewState = address.viewState.value
  const state = session.state.value
  const { shown, isLoading, error } = loader.status.value
  if (state.kind === 'active' && needsTenantChoice(state.session, viewState.tenant))
    return <TenantChoice tenants={sessionIdentityOf(state.session).tenants} />
  if (error !== undefined) return <ErrorState error={error} isRetrying={isLoading} onRetry={() => loader.retry()} />
  if (!shown || shown.viewState.view !== viewState.view) return <Skeleton cardCount={cardCountOf(viewState)} />
  return (
    <ViewBoundary key={viewState.view} data={shown.data}>
      <Shown shown={shown} isLoading={isLoading} />
    </ViewBoundary>
  )
}

function Shown({ shown, isLoading }: { readonly shown: ShownView; readonly isLoading: boolean }) {
  const { view, viewState, data, asOf } = shown
  const holder = useRef<HTMLDivElement>(null)
  const isEmpty = useHeldWhileSelected(view.isEmpty(data), holder)
  return (
    <div ref={holder} class="view" aria-busy={isLoading} data-view={viewState.view}>
      {isEmpty && viewState.id !== undefined ? (
        <EntityEmptyState viewState={viewState} />
      ) : isEmpty ? (
        <EmptyState view={view} viewState={viewState} asOf={asOf} />
      ) : (
        <view.Content data={data} viewState={viewState} asOf={asOf} />
      )}
    </div>
  )
}

function cardCountOf({ view, id }: ViewState): number {
  const { cardCount, entityCardCount = cardCount } = viewOf(view)
  return id === undefined ? cardCount : entityCardCount
}

/** The first events replace the texts of an empty view, but not while the user is selecting one of them. */
function useHeldWhileSelected(isEmpty: boolean, holder: { readonly current: HTMLElement | null }): boolean {
  const wasEmpty = useRef(isEmpty)
  const release = useSignal(0)
  const isHeld = !isEmpty && wasEmpty.current && hasSelectionIn(holder.current)
  useEffect(() => {
    wasEmpty.current = isEmpty || isHeld
    if (!isHeld) return undefined
    const check = () => !hasSelectionIn(holder.current) && release.value++
    document.addEventListener('selectionchange', check)
    return () => document.removeEventListener('selectionchange', check)
  })
  // Reading it draws the component again after the release.
  return release.value >= 0 && (isEmpty || isHeld)
}

function hasSelectionIn(element: HTMLElement | null): boolean {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed && element?.contains(selection.anchorNode) === true
}

interface ViewBoundaryProps {
  readonly data: unknown
  readonly children: ComponentChildren
}

/** An error that a view throws does not blank the page. The view is drawn again with other data, or when the user chooses to try again. */
function ViewBoundary({ data, children }: ViewBoundaryProps) {
  const { loader } = useApp()
  const [error, reset] = useErrorBoundary((thrown: unknown) => console.error(thrown))
  const hasFailed = error !== undefined && error !== null
  const failedData = useRef<unknown>(undefined)
  if (!hasFailed) failedData.current = data
  useEffect(() => {
    if (hasFailed && failedData.current !== data) reset()
  }, [data])
  if (!hasFailed) return <>{children}</>
  return (
    <ErrorState
      error={error}
      onRetry={() => {
        reset()
        loader.retry()
      }}
    />
  )
}
