import { EmptyState } from './empty-state.tsx'
import { ErrorState } from './error-state.tsx'
import { EntityEmptyState } from './entity-empty-state.tsx'
import { Skeleton } from '../components/skeleton.tsx'
import { useApp } from '../state/app.ts'
import type { ViewState } from '../state/view-state.ts'
import { viewOf } from '../views/views.ts'

/** The data of the shown view, or the reason why there is none. */
export function ViewContent() {
  const { address, loader } = useApp()
  const { shown, isLoading, error } = loader.status.value
  if (error !== undefined) return <ErrorState error={error} />
  if (!shown) return <Skeleton cardCount={cardCountOf(address.viewState.value)} />
  const { view, viewState, data, asOf } = shown
  if (view.isEmpty(data) && viewState.id !== undefined) return <EntityEmptyState viewState={viewState} />
  if (view.isEmpty(data)) return <EmptyState view={view} viewState={viewState} />
  return (
    <div class="view" aria-busy={isLoading} data-view={viewState.view}>
      <view.Content data={data} viewState={viewState} asOf={asOf} />
    </div>
  )
}

function cardCountOf({ view, id }: ViewState): number {
  const { cardCount, entityCardCount = cardCount } = viewOf(view)
  return id === undefined ? cardCount : entityCardCount
}
