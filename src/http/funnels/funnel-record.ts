/** What log lines, the audit trail and versions of responses say about a funnel. */
import { dimensionsOfFilter } from '../../analytics/filter/filter-tree.ts'
import type { FactsSource } from '../../analytics/engagement/facts-as-of.ts'
import { needsClasses } from '../../analytics/funnels/event-masks.ts'
import type { FunnelQuery } from '../../analytics/funnels/funnel-request.ts'

/** A funnel is a large query: a tenant runs one of them at a time. */
export const FUNNEL_COST = 5

/** The names in a funnel: values of its filters may be personal data. */
export function auditedFunnel({ entity, steps, order, window, exclusions, breakdown, trend }: FunnelQuery): string {
  const parts = {
    entity,
    steps: steps.map(({ event }) => event).join(),
    order,
    window,
    exclusions: exclusions.map(({ event }) => event).join(),
    filter: [...new Set([...steps, ...exclusions].flatMap(({ filter }) => [...dimensionsOfFilter(filter)]))].join(),
    breakdown: breakdown?.dimension ?? '',
    trend: trend ?? '',
  }
  return Object.entries(parts)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

export function loggedFunnel({ entity, steps, order, window, range }: FunnelQuery): Record<string, unknown> {
  return {
    timeRange: { start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() },
    entity,
    steps: steps.length,
    order,
    window,
  }
}

/** The rules of classes, where the funnel depends on them: as part of a version, and for responses. */
export function rulesOf(query: FunnelQuery, { active }: FactsSource) {
  return needsClasses(query)
    ? { version: [`r${active.rulesNumber}`], rulesVersion: active.rulesVersion }
    : { version: [], rulesVersion: undefined }
}
