/**
 * The dimensions that events can be divided and filtered by: plain data, which the page in the browser reads too.
 */
import type { EventRow } from '../events/event-row.ts'

interface Dimension {
  /** The column of the events table. */
  readonly column: keyof EventRow
  /** The query parameter that selects one value, where there is one. */
  readonly parameter?: string
}

export const DIMENSIONS = {
  channel: { column: 'channel', parameter: 'channel' },
  campaign: { column: 'campaign_id', parameter: 'campaignId' },
  workflow: { column: 'workflow_id', parameter: 'workflowId' },
  sequence: { column: 'sequence_id', parameter: 'sequenceId' },
  template: { column: 'template_id', parameter: 'templateId' },
  sourceType: { column: 'source_type' },
  step: { column: 'step_number' },
} as const satisfies Readonly<Record<string, Dimension>>
export type DimensionName = keyof typeof DIMENSIONS

/** The dimensions that a query parameter filters by. */
export type FilterDimension = {
  [Name in DimensionName]: (typeof DIMENSIONS)[Name] extends { readonly parameter: string } ? Name : never
}[DimensionName]

/** The filters of a query: one value for each parameter that is given. */
export type DimensionFilters = {
  readonly [Name in FilterDimension as (typeof DIMENSIONS)[Name]['parameter']]?: string | undefined
}

export const FILTER_DIMENSIONS = (Object.keys(DIMENSIONS) as DimensionName[]).filter(
  (name): name is FilterDimension => 'parameter' in DIMENSIONS[name],
)

/** The condition that a filter adds to a query, each with ` AND ` in front, and its bound parameters; both are empty without a filter. */
export interface SqlFilter {
  readonly sql: string
  readonly parameters: Readonly<Record<string, string>>
}

/** The filters as one SQL condition, in the order of the dimensions. Other properties of `filters` are ignored. */
export function filterSql(filters: DimensionFilters): SqlFilter {
  let sql = ''
  const parameters: Record<string, string> = {}
  for (const name of FILTER_DIMENSIONS) {
    const { column, parameter } = DIMENSIONS[name]
    const value = filters[parameter]
    if (value === undefined) continue
    sql += ` AND ${column} = {${parameter}:String}`
    parameters[parameter] = value
  }
  return { sql, parameters }
}
