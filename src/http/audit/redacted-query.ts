import { type TObject, type TSchema, TypeGuard } from '@sinclair/typebox'
import { DASHBOARD_PARAMETERS } from '../dashboards/dashboard-parameters.ts'
import type { ExportFormat } from '../export/response-format.ts'
import { LiveParameters } from '../live/live-routes.ts'

const PARAMETER_SCHEMAS: readonly TObject[] = [...Object.values(DASHBOARD_PARAMETERS), LiveParameters]

/** The values of each parameter by its name; empty when the parameter is not a closed list. */
const ALLOWED_VALUES = new Map<string, Set<string>>()
for (const { properties } of PARAMETER_SCHEMAS)
  for (const [name, schema] of Object.entries<TSchema>(properties)) {
    const values = ALLOWED_VALUES.get(name) ?? new Set()
    ALLOWED_VALUES.set(name, values)
    if (TypeGuard.IsUnion(schema)) for (const { const: value } of schema.anyOf) values.add(String(value))
  }

/** Replaces an unknown name, and a value that is not on the list of its parameter. */
const REDACTED = '?'

/**
 * A query string without free text: the sorted names, each once, with the value where it is one of a closed list. `?campaignId=c-1&timeRange=30d` becomes
 * `campaignId&timeRange=30d`. A file that was requested by a header is named like one that was requested by `format`.
 */
export function redactedQuery(search: string, exportFormat?: ExportFormat): string {
  const parts = new Set<string>(exportFormat && [`format=${exportFormat}`])
  for (const [name, value] of new URLSearchParams(search)) {
    const values = ALLOWED_VALUES.get(name)
    if (!values) parts.add(REDACTED)
    else if (values.size === 0) parts.add(name)
    else parts.add(`${name}=${values.has(value) ? value : REDACTED}`)
  }
  return [...parts].toSorted().join('&')
}
