import type { ApiClient } from '../api/api-client.ts'
import { applicableFilters } from '../filters/filter.ts'
import type { View } from '../views/view.ts'
import type { ViewState } from './view-state.ts'

/**
 * Why a view has no data. `filter`: there is some without the filters; `range`: a longer range has some; `view`: the tenant has data, but none for this view;
 * `tenant`: the tenant has none at all.
 */
export type EmptyReason = 'filter' | 'range' | 'view' | 'tenant'

/** The longest preset. */
const LONGEST = { timeRange: '90d' } as const
/** The dashboards that together count every event of messages, campaigns, workflows and sequences. */
const KINDS = ['overview', 'campaigns', 'workflows', 'sequences'] as const

interface ReasonRequest {
  readonly api: ApiClient
  readonly view: View
  readonly viewState: ViewState
  readonly now: number
  readonly signal: AbortSignal
}

/** Finds out why a view is empty. Rejects like a load of the view. */
export async function findEmptyReason({ api, view, viewState, now, signal }: ReasonRequest): Promise<EmptyReason> {
  const hasData = async (changed: Partial<ViewState>) => {
    const { data } = await view.load({ api, viewState: { ...viewState, ...changed }, now, signal })
    return !view.isEmpty(data)
  }
  const unfiltered = { filters: [] }
  if (isFiltered(view, viewState) && (await hasData(unfiltered))) return 'filter'
  if (await hasData({ ...unfiltered, range: LONGEST.timeRange, dates: undefined })) return 'range'
  for (const name of KINDS) {
    const { data } = await api.dashboard(name, LONGEST, signal)
    if (Object.values(data.summary).some((value) => value > 0)) return 'view'
  }
  return 'tenant'
}

/** Whether the filters of the address narrow the view. */
function isFiltered({ controls }: View, { filters, id }: ViewState): boolean {
  return applicableFilters(filters, controls, id).length > 0
}
