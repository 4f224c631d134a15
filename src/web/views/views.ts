import type { DashboardName } from '../../analytics/dashboards/dashboards.ts'
import type { PageControls } from '../../analytics/dashboards/page-controls.ts'
import { pageControls } from '../../analytics/dashboards/page-controls.ts' with { type: 'macro' }
import { campaignsView } from './campaigns.ts'
import { messagesView } from './messages.ts'
import { overviewView } from './overview.ts'
import { sequencesView } from './sequences.ts'
import { templatesView } from './templates.ts'
import { trafficView } from './traffic.ts'
import type { SelectEntity, View, ViewDefinition } from './view.ts'
import { workflowsView } from './workflows.ts'

/** All views, in the order of the navigation. */
const DEFINITIONS = [
  overviewView,
  messagesView,
  campaignsView,
  workflowsView,
  sequencesView,
  templatesView,
  trafficView,
]
export type ViewId = (typeof DEFINITIONS)[number]['id']
export const VIEWS: readonly ViewDefinition<ViewId>[] = DEFINITIONS
export const VIEW_IDS = VIEWS.map(({ id }) => id)

const CONTROLS = pageControls()
const viewsById = new Map(VIEWS.map((view) => [view.id, view]))

export function viewDefinition(id: ViewId): ViewDefinition<ViewId> {
  return viewsById.get(id)!
}

/** The controls of a view's dashboard. */
export function controlsOf(id: ViewId): PageControls {
  return CONTROLS[viewDefinition(id).dashboard]
}

/** Creates the content of each view when it is first shown. */
export function createViews(select: SelectEntity): (id: ViewId) => View<DashboardName> {
  const createdViews = new Map<ViewId, View<DashboardName>>()
  return (id) => {
    let view = createdViews.get(id)
    if (!view) createdViews.set(id, (view = viewDefinition(id).create(select)))
    return view
  }
}
