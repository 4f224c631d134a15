/** Which views show the numbers that an alert is about. */
import type { QueryMetricName } from '../../analytics/custom-query/metric-sources.ts'
import type { DimensionName } from '../../analytics/dimensions.ts'
import type { FilterTree } from '../../analytics/filter/filter-tree.ts'
import { COUNTS, type CountName, RATES, type RateName } from '../../analytics/metrics.ts'
import type { ShownAlert } from '../../http/alerts/alert-data.ts'
import type { ViewId, ViewState } from '../state/view-state.ts'

export type AffectingAlert = Pick<ShownAlert, 'metric' | 'filter' | 'splitBy' | 'states'>

const MESSAGE_VIEWS: readonly ViewId[] = ['overview', 'messages', 'campaigns', 'templates']
const VIEWS_OF_UNITS: Readonly<Record<string, readonly ViewId[]>> = {
  messages: MESSAGE_VIEWS,
  runs: ['workflows'],
  steps: ['sequences'],
  enrollments: ['sequences'],
  campaigns: ['campaigns'],
  contacts: ['campaigns'],
}
/** The dimension of the entities that a view has pages of. */
const ENTITIES: Readonly<Partial<Record<ViewId, DimensionName>>> = {
  campaigns: 'campaign',
  workflows: 'workflow',
  sequences: 'sequence',
  templates: 'template',
}

/** The views that show a metric, or what it is calculated from. */
export function viewsOfMetric(name: QueryMetricName): readonly ViewId[] {
  if (Object.hasOwn(RATES, name)) return viewsOfMetric(RATES[name as RateName].numerator)
  // Metrics of what became of messages are in no registry of events.
  if (!Object.hasOwn(COUNTS, name)) return MESSAGE_VIEWS
  const { unit } = COUNTS[name as CountName]
  return name === 'sent' ? [...MESSAGE_VIEWS, 'traffic'] : (VIEWS_OF_UNITS[unit] ?? [])
}

/** Whether a firing alert is about what a view shows. On the page of one campaign, workflow, … only alerts that name it are. */
export function concerns(alert: AffectingAlert, { view, id }: Pick<ViewState, 'view' | 'id'>): boolean {
  if (!viewsOfMetric(alert.metric).includes(view)) return false
  const entity = ENTITIES[view]
  if (id === undefined || entity === undefined) return true
  return isNamed(alert.filter ?? undefined, entity, id) || isFiringFor(alert, entity, id)
}

function isFiringFor({ splitBy, states }: AffectingAlert, entity: DimensionName, id: string): boolean {
  return (
    splitBy === entity &&
    states.some(({ state, series }) => state === 'firing' && Object.values(series ?? {}).some((value) => value === id))
  )
}

function isNamed(filter: FilterTree | undefined, entity: DimensionName, id: string): boolean {
  if (filter === undefined || 'not' in filter) return false
  if ('and' in filter) return filter.and.some((part) => isNamed(part, entity, id))
  if ('or' in filter) return filter.or.some((part) => isNamed(part, entity, id))
  return filter.dimension === entity && filter.operator === 'in' && (filter.values ?? []).includes(id)
}
