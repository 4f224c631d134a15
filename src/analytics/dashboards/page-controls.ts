/**
 * The controls that the page offers for each dashboard, derived from the dashboard's parameters. The page's build runs this module and keeps only its result
 * (`with { type: 'macro' }`): neither schemas nor SQL get into the page.
 */
import { type TSchema, TypeGuard } from '@sinclair/typebox'
import { DIMENSIONS, FILTER_DIMENSIONS, type FilterDimension } from '../dimensions.ts'
import type { EngagementMetricName } from '../engagement/engagement-metrics.ts'
import type { Granularity } from '../time/buckets.ts'
import { ALL_DASHBOARDS, type DashboardName } from './dashboards.ts'

export interface PageControls {
  readonly takesChannel: boolean
  /** The sizes of buckets to choose from; empty where there is no choice. */
  readonly granularities: readonly Granularity[]
  /** The metrics that its list can be ordered by, besides its usual order. */
  readonly sorts: readonly EngagementMetricName[]
  /** The parameter that narrows the dashboard to one entity, and the word for such an entity. */
  readonly entityFilter: { readonly parameter: string; readonly noun: FilterDimension } | undefined
  /** Whether the dashboard has a list of items, of which a request may limit the number. */
  readonly takesLimit: boolean
  readonly takesComparison: boolean
  /** Whether every filter can be applied; a dashboard takes one value of some dimensions. */
  readonly takesFilters: boolean
}

export function pageControls(): Readonly<Record<DashboardName, PageControls>> {
  return Object.fromEntries(
    ALL_DASHBOARDS.map(({ name, parameters }) => [name, controlsOf(parameters.properties)]),
  ) as Record<DashboardName, PageControls>
}

function controlsOf(parameters: Readonly<Record<string, TSchema>>): PageControls {
  const { granularity, sort } = parameters
  const entity = FILTER_DIMENSIONS.find((name) => name !== 'channel' && DIMENSIONS[name].parameter in parameters)
  return {
    takesChannel: 'channel' in parameters,
    granularities: choicesOf(granularity) as Granularity[],
    sorts: choicesOf(sort) as EngagementMetricName[],
    entityFilter: entity && { parameter: DIMENSIONS[entity].parameter, noun: entity },
    takesLimit: 'limit' in parameters,
    takesComparison: 'compare' in parameters,
    takesFilters: false,
  }
}

/** The values of a parameter that is a choice; none where the dashboard has no such parameter. */
function choicesOf(parameter: TSchema | undefined): string[] {
  return TypeGuard.IsUnion(parameter) ? parameter.anyOf.map((choice) => choice['const'] as string) : []
}
