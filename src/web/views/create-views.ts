import type { ViewName } from './view-definitions.ts'
import type { View, SelectEntity } from './view.ts'
import { createCampaignsView } from './campaigns.ts'
import { createMessagesView } from './messages.ts'
import { createOverviewView } from './overview.ts'
import { createSequencesView } from './sequences.ts'
import { createTemplatesView } from './templates.ts'
import { createTrafficView } from './traffic.ts'
import { createWorkflowsView } from './workflows.ts'

const VIEW_FACTORIES: { readonly [Name in ViewName]: (choose: SelectEntity) => View<Name> } = {
  overview: createOverviewView,
  messages: createMessagesView,
  campaigns: createCampaignsView,
  workflows: createWorkflowsView,
  sequences: createSequencesView,
  templates: createTemplatesView,
  traffic: createTrafficView,
}

/** The inside of each view, made when it is first looked at; each must be shown the answers of its own dashboard. */
export function createViews(select: SelectEntity): (name: ViewName) => View<ViewName> {
  const createdViews = new Map<ViewName, View<ViewName>>()
  return (name) => {
    let view = createdViews.get(name)
    if (!view) createdViews.set(name, (view = VIEW_FACTORIES[name](select)))
    return view
  }
}
