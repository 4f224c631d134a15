import { type TObject, type TSchema, TypeGuard } from '@sinclair/typebox'
import { CampaignsParameters } from '../analytics/campaigns.ts'
import { MessagesParameters } from '../analytics/messages.ts'
import { OverviewParameters } from '../analytics/overview.ts'
import { SequencesParameters } from '../analytics/sequences.ts'
import { TemplatesParameters } from '../analytics/templates.ts'
import { TrafficParameters } from '../analytics/traffic.ts'
import { WorkflowsParameters } from '../analytics/workflows.ts'

const SCHEMAS: readonly TObject[] = [
  OverviewParameters,
  MessagesParameters,
  CampaignsParameters,
  WorkflowsParameters,
  SequencesParameters,
  TemplatesParameters,
  TrafficParameters,
]

/** By the name of each parameter there is, its values where they are a closed list. */
const VALUES = new Map<string, Set<string>>()
for (const { properties } of SCHEMAS)
  for (const [name, schema] of Object.entries<TSchema>(properties)) {
    const values = VALUES.get(name) ?? new Set()
    VALUES.set(name, values)
    if (TypeGuard.IsUnion(schema)) for (const { const: value } of schema.anyOf) values.add(String(value))
  }

/** Stands for a name that is no parameter's, and for a value that is not on its parameter's list. */
const OTHER = '?'

/**
 * What a query string asks, without anything that a person may have written into it: the names, sorted, each once, with the value where it is one of a closed list.
 * `?campaignId=c-1&timeRange=30d` is `campaignId&timeRange=30d`.
 */
export function parameterShape(search: string): string {
  const shapes = new Set<string>()
  for (const [name, value] of new URLSearchParams(search)) {
    const values = VALUES.get(name)
    if (!values) shapes.add(OTHER)
    else if (values.size === 0) shapes.add(name)
    else shapes.add(`${name}=${values.has(value) ? value : OTHER}`)
  }
  return [...shapes].toSorted().join('&')
}
