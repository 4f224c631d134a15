/** Reads the groups of a query from all sources of its metrics, which are joined by their keys. */
import type { EngagementMetricName } from '../../engagement/engagement-metrics.ts'
import type { FactsAsOf } from '../../engagement/facts-as-of.ts'
import type { CountName } from '../../metrics.ts'
import type { QueryPort } from '../../query/tenant-query.ts'
import { dimensionsOfFilter } from '../../filter/filter-tree.ts'
import { Groups, type GroupsRequest } from './groups.ts'
import { eventCountsOf, isEngagementMetric, type QueryMetricName } from '../metric-sources.ts'
import { readActions } from './read-actions.ts'
import { readEngagementOf } from './read-engagement.ts'
import { readEvents } from './read-events.ts'
import { readUniqueActions, type UniqueActionMetric } from './read-unique-actions.ts'

/** The metrics of a query by what they are read from. */
interface Sources {
  readonly events: readonly CountName[]
  /** Opens and clicks by class. */
  readonly actions: readonly ('opened' | 'clicked')[]
  readonly messages: readonly EngagementMetricName[]
  /** Messages by the class or link of their opens and clicks. */
  readonly uniqueActions: readonly UniqueActionMetric[]
}

export function sourcesOf(
  metrics: readonly QueryMetricName[],
  { dimensions, filter }: Pick<GroupsRequest, 'dimensions' | 'filter'>,
): Sources {
  const used = new Set([...dimensions, ...dimensionsOfFilter(filter)])
  const counts = eventCountsOf(metrics)
  const engagement = metrics.filter(isEngagementMetric)
  const hasClass = used.has('actorClass')
  // Only these metrics may have such dimensions.
  const isOfActions = hasClass || used.has('link')
  return {
    events: hasClass ? [] : counts,
    actions: hasClass ? (counts as ('opened' | 'clicked')[]) : [],
    messages: isOfActions ? [] : engagement,
    uniqueActions: isOfActions ? (engagement as UniqueActionMetric[]) : [],
  }
}

/** `factsOf` gives the facts, or throws while they are being calculated. Rejects with a StoreFailure, or with TOO_MANY_GROUPS. */
export async function readGroups(
  port: QueryPort,
  request: GroupsRequest,
  metrics: readonly QueryMetricName[],
  factsOf: () => FactsAsOf,
): Promise<Groups> {
  const { events, actions, messages, uniqueActions } = sourcesOf(metrics, request)
  const groups = new Groups(request)
  const withFacts = () => ({ ...request, facts: factsOf() })
  await Promise.all([
    ...(events.length > 0 ? [readEvents(port, request, events, groups)] : []),
    ...(actions.length > 0 ? [readActions(port, withFacts(), actions, groups)] : []),
    ...(messages.length > 0 ? [readEngagementOf(port, withFacts(), messages, groups)] : []),
    ...(uniqueActions.length > 0 ? [readUniqueActions(port, withFacts(), uniqueActions, groups)] : []),
  ])
  return groups
}
