import type { ViewName } from '../views.ts'
import type { Body, Choose } from './body.ts'
import { createCampaigns } from './campaigns.ts'
import { createMessages } from './messages.ts'
import { createOverview } from './overview.ts'
import { createSequences } from './sequences.ts'
import { createTemplates } from './templates.ts'
import { createTraffic } from './traffic.ts'
import { createWorkflows } from './workflows.ts'

const MAKERS: { readonly [Name in ViewName]: (choose: Choose) => Body<Name> } = {
  overview: createOverview,
  messages: createMessages,
  campaigns: createCampaigns,
  workflows: createWorkflows,
  sequences: createSequences,
  templates: createTemplates,
  traffic: createTraffic,
}

/** The inside of each view, made when it is first looked at; each must be shown the answers of its own dashboard. */
export function createBodies(choose: Choose): (name: ViewName) => Body<ViewName> {
  const made = new Map<ViewName, Body<ViewName>>()
  return (name) => {
    let body = made.get(name)
    if (!body) made.set(name, (body = MAKERS[name](choose)))
    return body
  }
}
