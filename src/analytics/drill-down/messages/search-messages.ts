/** A page of the search of messages. */
import type { Clock } from '../../../base/clock.ts'
import { ApiFailure } from '../../../base/errors.ts'
import type { TimeZone } from '../../../base/time-zone.ts'
import type { FilterTree } from '../../filter/filter-tree.ts'
import type { DimensionName } from '../../dimensions.ts'
import type { MessageCondition } from '../../engagement/message-conditions.ts'
import type { QueryPort } from '../../query/tenant-query.ts'
import type { TimeRange } from '../../time/time-range.ts'
import { messageFilterSql } from '../filter-columns.ts'
import type { MessageHistories } from './message-history.ts'
import { type MessagePosition, MessageReader } from './message-search.ts'
import type { FoundMessage, MessageCheck, MessageSelection } from './message-selection.ts'
import { dependsOn, type SqlCondition, withValuesOf } from '../search-filter.ts'

export interface MessageSearch {
  readonly tenantId: string
  /** Of the first sending. */
  readonly range: TimeRange
  readonly zone: TimeZone
  readonly filter?: FilterTree | undefined
  /** The types of the events that conditions on the class of the actor and on the link apply to: one event has to meet the filter. */
  readonly eventTypes?: readonly string[] | undefined
  readonly messageIds?: readonly string[] | undefined
  readonly status?: readonly MessageCondition[] | undefined
  readonly not?: readonly MessageCondition[] | undefined
}

export interface MessagePage {
  readonly messages: readonly FoundMessage[]
  /** Undefined on the last page. */
  readonly next: MessagePosition | undefined
}

export interface MessageSearchSource {
  readonly port: QueryPort
  readonly histories: MessageHistories
  readonly clock: Pick<Clock, 'monotonic'>
}

const OF_EVENTS: ReadonlySet<DimensionName> = new Set(['actorClass', 'link'])
const STEP: ReadonlySet<DimensionName> = new Set(['step'])
const CHECKED: ReadonlySet<DimensionName> = new Set([...OF_EVENTS, ...STEP])
const BOUNCE: ReadonlySet<DimensionName> = new Set(['bounceClass'])
export const CLASSIFIED_EVENT_TYPES = ['message_opened', 'message_clicked'] as const

const MAX_BATCH = 5_000
const BATCH_GROWTH = 4
const MAX_SEARCH_MS = 15_000

/** Which messages a search reads: `rules` is the number of the rules in the rows, events after `until` do not count. */
export function selectionOf(
  search: MessageSearch,
  { rules, until }: Pick<MessageSelection, 'rules' | 'until'>,
  histories: Pick<MessageHistories, 'linkKeyOf' | 'hashOf'>,
): MessageSelection {
  const { tenantId, range, zone, filter, messageIds, eventTypes, status = [], not = [] } = search
  const condition = messageFilterSql(filter, { range, zone })
  const isOutcome = dependsOn(filter, BOUNCE)
  const sending = isOutcome ? NO_CONDITION : condition
  const hashes = messageIds?.map((id) => histories.hashOf(tenantId, id))
  return {
    ...{ tenantId, range, rules, until, status, not },
    sending: hashes === undefined ? sending : both(sending, messagesSql(messageIds!, hashes)),
    outcome: isOutcome ? condition : NO_CONDITION,
    check: checkOf(filter, zone, eventTypes, histories),
  }
}

const NO_CONDITION: SqlCondition = { sql: '', parameters: {} }

function both(a: SqlCondition, b: SqlCondition): SqlCondition {
  return { sql: a.sql + b.sql, parameters: { ...a.parameters, ...b.parameters } }
}

/** The hash is cheaper to compare than the id. */
function messagesSql(messageIds: readonly string[], hashes: readonly string[]): SqlCondition {
  return {
    sql: ' AND message_hash IN (arrayMap(hash -> toUInt64(hash), {hashes:Array(String)})) AND message_id IN {messageIds:Array(String)}',
    parameters: { messageIds, hashes },
  }
}

/** Undefined where the store decides the filter. The bounce class is checked too, as it may follow from an event that does not count. */
function checkOf(
  filter: FilterTree | undefined,
  zone: TimeZone,
  eventTypes: readonly string[] = CLASSIFIED_EVENT_TYPES,
  { linkKeyOf }: Pick<MessageHistories, 'linkKeyOf'>,
): MessageCheck | undefined {
  if (filter === undefined || !(dependsOn(filter, CHECKED) || dependsOn(filter, BOUNCE))) return undefined
  return {
    filter: withValuesOf(filter, 'link', (link) => linkKeyOf(String(link))),
    zone,
    readsSteps: dependsOn(filter, STEP),
    eventTypes: dependsOn(filter, OF_EVENTS) ? eventTypes : undefined,
  }
}

/** Whether the store decides which messages are selected, but for those with events of the future. */
export function isDecidedByStore({ filter }: MessageSearch): boolean {
  return !dependsOn(filter, CHECKED)
}

/** Reads a page. Rejects with a StoreFailure, and with QUERY_TIMEOUT when too few messages meet the filter. */
export async function searchMessages(
  source: MessageSearchSource,
  search: MessageSearch,
  selection: MessageSelection,
  { limit, after }: { readonly limit: number; readonly after: MessagePosition | undefined },
): Promise<MessagePage> {
  const windowMs = search.messageIds === undefined ? undefined : Infinity
  const reader = new MessageReader(source.port, source.histories, {
    ...selection,
    after,
    ...(windowMs === undefined ? {} : { windowMs }),
  })
  const messages: FoundMessage[] = []
  const startedAt = source.clock.monotonic()
  for (let count = limit + 1; messages.length <= limit && !reader.isAtEnd;) {
    if (source.clock.monotonic() - startedAt > MAX_SEARCH_MS)
      throw new ApiFailure('QUERY_TIMEOUT', 'The search took too long. Ask for a shorter range or fewer conditions.')
    for (const message of await reader.next(count)) messages.push(message)
    count = Math.min(MAX_BATCH, count * BATCH_GROWTH)
  }
  const page = messages.slice(0, limit)
  const last = page.at(-1)
  return {
    messages: page,
    next: messages.length > limit && last ? { sentAt: last.sentAt, messageId: last.messageId } : undefined,
  }
}
