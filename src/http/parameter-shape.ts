import { type TObject, type TSchema, TypeGuard } from '@sinclair/typebox'
import { campaignsParameters } from './campaigns.ts'
import type { FileFormat } from './files/format.ts'
import { LiveParameters } from './live.ts'
import { messagesParameters } from './messages.ts'
import { overviewParameters } from './overview.ts'
import { sequencesParameters } from './sequences.ts'
import { templatesParameters } from './templates.ts'
import { trafficParameters } from './traffic.ts'
import { workflowsParameters } from './workflows.ts'

const SCHEMAS: readonly TObject[] = [
  overviewParameters,
  messagesParameters,
  campaignsParameters,
  workflowsParameters,
  sequencesParameters,
  templatesParameters,
  trafficParameters,
  LiveParameters,
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
 * `?campaignId=c-1&timeRange=30d` is `campaignId&timeRange=30d`. A file that was asked for by a header is named like one that was asked for by `format`.
 */
export function parameterShape(search: string, file?: FileFormat): string {
  const shapes = new Set<string>(file && [`format=${file}`])
  for (const [name, value] of new URLSearchParams(search)) {
    const values = VALUES.get(name)
    if (!values) shapes.add(OTHER)
    else if (values.size === 0) shapes.add(name)
    else shapes.add(`${name}=${values.has(value) ? value : OTHER}`)
  }
  return [...shapes].toSorted().join('&')
}
