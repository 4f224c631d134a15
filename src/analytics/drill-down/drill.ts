/** The request that shows the events or messages behind a number. Free of schemas, because the page in the browser makes such requests too. */
import { NO_CHANNEL } from '../../base/channels.ts'
import type { FilterLeaf, FilterTree } from '../filter/filter-tree.ts'
import type { DimensionName } from '../dimensions.ts'
import {
  ENGAGEMENT_COUNTS,
  ENGAGEMENT_MEDIANS,
  ENGAGEMENT_RATES,
  type EngagementCountName,
  type EngagementMedianName,
  type EngagementRateName,
} from '../engagement/engagement-metrics.ts'
import type { MessageCondition } from '../engagement/message-conditions.ts'
import { COUNTS, type CountName, RATES, type RateName } from '../metrics.ts'
import type { TimeRange } from '../time/time-range.ts'

/** A search below `/api/v1/analytics`, for `POST`. */
export interface Drill {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

/** What a number counts. */
export interface DrillQuery {
  /** The range of the query, cut to the bucket of the number. */
  readonly range: TimeRange
  /** The name of the zone of hours and weekdays. */
  readonly timezone: string
  readonly filter?: FilterTree | undefined
  /** The values of the dimensions that the number belongs to; null for none. */
  readonly keys?: Readonly<Partial<Record<DimensionName, string | number | null>>> | undefined
}

/** The key of an item of a dashboard, for `keys`: items of messages without a channel have none. */
export function itemKeys(dimension: DimensionName, value: string | number) {
  return { [dimension]: dimension === 'channel' && value === NO_CHANNEL ? null : value }
}

/**
 * The search whose result has exactly the value of the metric; for a rate, that of its denominator, for a median the messages that have the event, and for the share of unknown
 * events all messages. Undefined for metrics that count neither events nor messages.
 */
export function drillOf(metric: string, query: DrillQuery): Drill | undefined {
  const condition = conditionOf(metric)
  if (condition !== undefined) return messagesDrill(condition, query)
  const eventTypes = eventTypesOf(metric)
  return eventTypes && { path: '/events/search', body: { eventTypes: [...eventTypes], ...bodyOf(query) } }
}

/** What the messages of a metric have to be; `sent` for all messages. Undefined for a metric of events. */
function conditionOf(metric: string): MessageCondition | undefined {
  if (Object.hasOwn(ENGAGEMENT_COUNTS, metric)) return ENGAGEMENT_COUNTS[metric as EngagementCountName].condition
  if (Object.hasOwn(ENGAGEMENT_RATES, metric)) return ENGAGEMENT_RATES[metric as EngagementRateName].denominator
  if (Object.hasOwn(ENGAGEMENT_MEDIANS, metric)) {
    const { until } = ENGAGEMENT_MEDIANS[metric as EngagementMedianName]
    return until === 'firstHumanOpen' ? 'humanOpened' : 'humanClicked'
  }
  return metric === 'unknownShare' ? 'sent' : undefined
}

/** The event types that a count counts, or the denominator of a rate. Distinct counts have none: their events are more. */
function eventTypesOf(metric: string): readonly string[] | undefined {
  const name = Object.hasOwn(RATES, metric) ? RATES[metric as RateName].denominator : metric
  const count = Object.hasOwn(COUNTS, name) ? COUNTS[name as CountName] : undefined
  return count?.kind === 'events' ? count.eventTypes : undefined
}

/** The conditions for which a class or a link is that of an open or click. */
const EVENT_TYPES_BY_CONDITION: Partial<Record<MessageCondition, string>> = {
  opened: 'message_opened',
  clicked: 'message_clicked',
}

function messagesDrill(condition: MessageCondition, query: DrillQuery): Drill {
  const body = bodyOf(query)
  const eventType = EVENT_TYPES_BY_CONDITION[condition]
  const dependsOnEvents = JSON.stringify(body['filter'] ?? null).match(/"dimension":"(?:actorClass|link)"/) !== null
  return {
    path: '/messages/search',
    body: {
      ...(condition === 'sent' ? {} : { status: [condition] }),
      ...(eventType !== undefined && dependsOnEvents ? { eventTypes: [eventType] } : {}),
      ...body,
    },
  }
}

function bodyOf({ range, timezone, filter, keys = {} }: DrillQuery): Record<string, unknown> {
  const leaves = Object.entries(keys).map(([dimension, value]): FilterTree => {
    const leaf: Pick<FilterLeaf, 'dimension'> = { dimension: dimension as DimensionName }
    return value === null || value === undefined
      ? { not: { ...leaf, operator: 'exists' } }
      : { ...leaf, operator: 'in', values: [value] }
  })
  const whole = allOf([...(filter === undefined ? [] : [filter]), ...leaves])
  return {
    ...(whole && { filter: whole }),
    startDate: new Date(range.start).toISOString(),
    endDate: new Date(range.end).toISOString(),
    timezone,
  }
}

/** Conjunctions are joined, so that the tree is no deeper than necessary. */
function allOf(trees: readonly FilterTree[]): FilterTree | undefined {
  const parts = trees.flatMap((tree) => ('and' in tree ? tree.and : [tree]))
  return parts.length > 1 ? { and: parts } : parts[0]
}
