import { useEffect, useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { AddressLink } from '../../components/address-link.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { messages } from '../../messages/messages.ts'
import { useApp } from '../../state/app.ts'
import { type EmptyReason, findEmptyReason } from '../../state/empty-reason.ts'
import type { ViewState } from '../../state/view-state.ts'
import type { View } from '../../views/view.ts'
import { FirstSteps } from './first-steps.tsx'

/** The minimum time between two searches for the reason while updates arrive. */
const SEARCH_INTERVAL_MS = 5_000

interface EmptyStateProps {
  readonly view: View
  readonly viewState: ViewState
  /** When the numbers were read, epoch milliseconds. */
  readonly asOf: number
}

/** In place of a view without data: why there is none, and what to do about it. */
export function EmptyState(props: EmptyStateProps) {
  const { view, asOf } = props
  const reason = useEmptyReason(props)
  const { empty } = messages()
  if (reason === undefined) return <Skeleton cardCount={view.cardCount} />
  if (reason === 'tenant') return <FirstSteps asOf={asOf} />
  if (reason === 'filter') return <FilteredAway />
  return (
    <section class="status-message">
      <h2>{empty.title}</h2>
      {reason === 'range' && (
        <>
          <p>{empty.longerHint}</p>
          <p class="status-actions">
            <AddressLink class="button primary" next={{ range: '90d', dates: undefined, filters: [] }}>
              {empty.showLonger}
            </AddressLink>
          </p>
        </>
      )}
      {reason === 'view' && <p>{empty.noneHint}</p>}
    </section>
  )
}

function FilteredAway() {
  const { empty } = messages()
  return (
    <section class="status-message">
      <h2>{empty.filtered}</h2>
      <p class="status-actions">
        <AddressLink class="button primary" next={{ filters: [] }}>
          {empty.clearFilter}
        </AddressLink>
      </p>
    </section>
  )
}

/** Searches for the reason at once and, until the tenant has data, again when updates arrive. Undefined until the first search has ended. */
function useEmptyReason({ view, viewState, asOf }: EmptyStateProps): EmptyReason | 'unknown' | undefined {
  const { api } = useApp()
  const reason = useSignal<EmptyReason | 'unknown' | undefined>(undefined)
  const searchedAt = useRef(0)
  const aborts = useRef<AbortController>(undefined)
  const searchedFor = useRef<ViewState>(undefined)
  useEffect(() => {
    const isNew = searchedFor.current !== viewState
    const mayChange = reason.peek() === 'tenant' || reason.peek() === 'unknown'
    if (!isNew && (!mayChange || asOf - searchedAt.current < SEARCH_INTERVAL_MS)) return
    if (isNew) reason.value = undefined
    searchedFor.current = viewState
    searchedAt.current = asOf
    aborts.current?.abort()
    const abort = new AbortController()
    findEmptyReason({ api, view, viewState, now: asOf, signal: abort.signal }).then(
      (found) => (reason.value = found),
      () => (reason.value = abort.signal.aborted ? reason.peek() : 'unknown'),
    )
    aborts.current = abort
  }, [viewState, asOf])
  useEffect(() => () => aborts.current?.abort(), [])
  return reason.value
}
