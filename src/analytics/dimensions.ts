/**
 * The dimensions that events can be divided and filtered by: plain data, which the page in the browser reads too.
 */
import type { EventRow } from '../events/event-row.ts'

interface Dimension {
  /** For headings. */
  readonly label: string
  readonly definition: string
  /** The column of the events table; undefined where the value is calculated from the time of the event or from all events of its message. */
  readonly column?: keyof EventRow | DerivedColumn
  /** The query parameter that selects one value, where there is one. */
  readonly parameter?: string
}

/** Columns that the engine calculates from `metadata`. */
type DerivedColumn = 'recipient_domain' | 'link' | 'bounce_class'

export const DIMENSIONS = {
  channel: { label: 'Channel', definition: 'The channel of the event', column: 'channel', parameter: 'channel' },
  campaign: {
    label: 'Campaign',
    definition: 'The campaign that the event belongs to',
    column: 'campaign_id',
    parameter: 'campaignId',
  },
  workflow: {
    label: 'Workflow',
    definition: 'The workflow that the event belongs to',
    column: 'workflow_id',
    parameter: 'workflowId',
  },
  sequence: {
    label: 'Sequence',
    definition: 'The sequence that the event belongs to',
    column: 'sequence_id',
    parameter: 'sequenceId',
  },
  template: {
    label: 'Template',
    definition: 'The template of the message',
    column: 'template_id',
    parameter: 'templateId',
  },
  sourceType: {
    label: 'Source',
    definition: 'What caused the event: campaign, workflow, sequence or another word of the producer',
    column: 'source_type',
  },
  step: { label: 'Step', definition: 'The number of the step of a sequence, from 1', column: 'step_number' },
  hourOfDay: { label: 'Hour', definition: 'The hour of the local day at which the event occurred, from 0 to 23' },
  dayOfWeek: { label: 'Weekday', definition: 'The local weekday on which the event occurred, by its English name' },
  bounceClass: {
    label: 'Bounce class',
    definition: 'The class of the bounce; of a message, that of its last bounce',
    column: 'bounce_class',
  },
  actorClass: { label: 'Class', definition: 'Who acted: the class of the open or click' },
  recipientDomain: {
    label: 'Recipient domain',
    definition: "The domain of the recipient's address",
    column: 'recipient_domain',
  },
  link: { label: 'Link', definition: 'The link of the open or click', column: 'link' },
} as const satisfies Readonly<Record<string, Dimension>>
export type DimensionName = keyof typeof DIMENSIONS
export const DIMENSION_NAMES = Object.keys(DIMENSIONS) as DimensionName[]

/** The dimensions that a query parameter filters by. */
export type FilterDimension = {
  [Name in DimensionName]: (typeof DIMENSIONS)[Name] extends { readonly parameter: string } ? Name : never
}[DimensionName]

/** The filters of a query: one value for each parameter that is given. */
export type DimensionFilters = {
  readonly [Name in FilterDimension as (typeof DIMENSIONS)[Name]['parameter']]?: string | undefined
}

export const FILTER_DIMENSIONS = DIMENSION_NAMES.filter(
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
