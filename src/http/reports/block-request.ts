/** The requests in the blocks of a report: each is checked and read as the same request to its own endpoint is. */
import { Value } from '@sinclair/typebox/value'
import { type CohortQuery, CohortRequest, resolveCohorts } from '../../analytics/cohorts/cohort-request.ts'
import { resolveComparison } from '../../analytics/comparison/comparison-request.ts'
import { type CustomQuery, QueryRequest, resolveQuery } from '../../analytics/custom-query/query-request.ts'
import { ALL_DASHBOARDS } from '../../analytics/dashboards/dashboards.ts'
import type { AnyDashboard } from '../../analytics/define-dashboard.ts'
import { type FunnelQuery, FunnelRequest, resolveFunnel } from '../../analytics/funnels/funnel-request.ts'
import { requireTimeZone, resolveTimeRange, type TimeRange } from '../../analytics/time/time-range.ts'
import { ApiFailure, type FailureDetail, invalidParameter } from '../../base/errors.ts'
import type { TimeZone } from '../../base/time-zone.ts'
import type { BlockRequest, Report } from '../../reports/report.ts'
import type { DashboardQuery, ResolvedDashboard } from '../dashboards/read-dashboard.ts'
import { findSchemaErrors, invalidBody } from '../pipeline/json-body.ts'
import { parameterMistakes } from '../pipeline/strict-query.ts'

/** A block with what its request means at the time when it is resolved. */
export type ResolvedBlock = { readonly zone: TimeZone; readonly range: TimeRange } & (
  | { readonly kind: 'query'; readonly body: QueryRequest; readonly query: CustomQuery }
  | { readonly kind: 'funnel'; readonly query: FunnelQuery }
  | { readonly kind: 'cohort'; readonly query: CohortQuery }
  | {
      readonly kind: 'dashboard'
      readonly dashboard: AnyDashboard
      readonly query: DashboardQuery
      readonly resolved: ResolvedDashboard
    }
)

/** The blocks of a report as they are requested at an instant. Throws a VALIDATION_ERROR with the paths of all mistakes, such as `blocks[0].body.metrics[1]`. */
export function resolveBlocks({ blocks, timezone }: Pick<Report, 'blocks' | 'timezone'>, now: number): ResolvedBlock[] {
  const details: FailureDetail[] = []
  const resolved = blocks.flatMap((block, index) => {
    try {
      return [resolveBlock(block, timezone, now)]
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      details.push(...mistakesOf(error, `blocks[${index}].body`))
      return []
    }
  })
  if (details.length > 0) throw invalidBody(details)
  return resolved
}

/** The mistakes of a request as those of a part of another one. */
function mistakesOf({ details, message }: ApiFailure, path: string): FailureDetail[] {
  if (details.length === 0) return [{ path, message }]
  return details.map((detail) => ({
    path: detail.path === 'body' ? path : `${path}.${detail.path}`,
    message: detail.message,
  }))
}

function resolveBlock({ kind, body }: BlockRequest, timezone: string, now: number): ResolvedBlock {
  const request = { timezone, ...body }
  if (kind === 'dashboard') return resolveDashboard(request, now)
  const schema = { query: QueryRequest, funnel: FunnelRequest, cohort: CohortRequest }[kind]
  const mistakes = findSchemaErrors(request, schema)
  if (mistakes.length > 0) throw invalidBody(mistakes)
  const zone = requireTimeZone(request.timezone)
  const requestedOn = zone.startOfDay(zone.localDate(now))
  if (kind === 'funnel') {
    const query = resolveFunnel(request as unknown as FunnelRequest, requestedOn)
    return { kind, query, zone, range: query.range }
  }
  if (kind === 'cohort') {
    const query = resolveCohorts(request as unknown as CohortRequest, requestedOn)
    return { kind, query, zone, range: query.range }
  }
  const asked = request as unknown as QueryRequest
  if (asked.cursor) throw hasNoCursor()
  const query = resolveQuery(asked, requestedOn)
  return { kind, body: asked, query, zone, range: query.range }
}

function resolveDashboard(request: Readonly<Record<string, unknown>>, now: number): ResolvedBlock {
  const { dashboard: name, ...parameters } = request
  const dashboard = ALL_DASHBOARDS.find((each) => each.name === name)
  if (!dashboard) {
    const names = ALL_DASHBOARDS.map((each) => each.name).join(', ')
    throw invalidBody([{ path: 'dashboard', message: `Expected one of ${names}.` }])
  }
  const mistakes = parameterMistakes(parameters, dashboard.parameters)
  if (mistakes.length > 0) throw invalidBody(mistakes)
  const query = Value.Default(dashboard.parameters, { ...parameters }) as DashboardQuery
  if (query.cursor) throw hasNoCursor()
  const zone = requireTimeZone(query.timezone)
  const range = resolveTimeRange(query, dashboard.preset, zone, zone.startOfDay(zone.localDate(now)))
  const resolved = { range, zone, comparison: resolveComparison(query, range, zone) }
  return { kind: 'dashboard', dashboard, query, resolved, zone, range }
}

function hasNoCursor(): ApiFailure {
  return invalidParameter('cursor', 'A block begins with the first page.')
}

/** The block as it was at an instant: no later event counts, and no series goes beyond it. */
export function cutBlock(block: ResolvedBlock, asOf: number): ResolvedBlock {
  const { range } = block
  if (range.end <= asOf) return block
  const cut = { start: range.start, end: Math.max(range.start - 1, asOf) }
  if (block.kind === 'dashboard') {
    const { resolved } = block
    // A comparison is cut on both of its sides when it is read.
    return resolved.comparison ? block : { ...block, range: cut, resolved: { ...resolved, range: cut } }
  }
  if (block.kind === 'funnel') return { ...block, range: cut, query: { ...block.query, range: cut } }
  if (block.kind === 'cohort') return { ...block, range: cut, query: { ...block.query, range: cut } }
  if (block.query.comparison) return block
  const buckets = block.query.buckets?.filter((start) => start <= asOf)
  return { ...block, range: cut, query: { ...block.query, range: cut, buckets } }
}
