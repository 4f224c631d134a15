/** Which messages a search reads: what the store decides, and what is checked message by message. */
import type { TimeZone } from '../../../base/time-zone.ts'
import type { FilterTree } from '../../filter/filter-tree.ts'
import { MESSAGE_CONDITIONS, type MessageCondition } from '../../engagement/message-conditions.ts'
import { type QueryParameter, type QueryPort, tenantQuery } from '../../query/tenant-query.ts'
import type { TimeRange } from '../../time/time-range.ts'
import { valuesOf } from '../dimension-values.ts'
import type { MessageHistory } from './message-history.ts'
import type { KnownMessage, SentColumns } from './message-item.ts'
import { accepts, type SqlCondition } from '../search-filter.ts'

/** Which messages are read. */
export interface MessageSelection {
  readonly tenantId: string
  /** Of the first sending. */
  readonly range: TimeRange
  /** The number of the rules in the rows to read. */
  readonly rules: number
  /** Events after this instant do not count. */
  readonly until: number
  /** Conditions on the sending that every message of the selection meets. */
  readonly sending: SqlCondition
  /** The conditions that follow from the state of a message with all of its events; each with its ` AND ` in front. */
  readonly outcome: SqlCondition
  /** What the message has to be, and must not be. */
  readonly status: readonly MessageCondition[]
  readonly not: readonly MessageCondition[]
  /** The whole filter, where the conditions above do not say it. */
  readonly check: MessageCheck | undefined
}

/** What is checked message by message. */
export interface MessageCheck {
  /** Values of links are their keys. */
  readonly filter: FilterTree
  readonly zone: TimeZone
  /** Whether the filter depends on the step of the sending, which is read from the sending itself. */
  readonly readsSteps: boolean
  /** The event types of which one event has to meet the filter; undefined where it is a condition on the message. */
  readonly eventTypes: readonly string[] | undefined
}

export interface FoundMessage extends KnownMessage {
  readonly sent: SentColumns
  readonly sentAt: number
  readonly history: MessageHistory
}

/** The steps of sendings by the ids of their messages. */
export type Steps = ReadonlyMap<string, number | null>

export const RULES_AND_RANGE = `rules = {rules:UInt32} AND sent_at >= fromUnixTimestamp64Milli({from:Int64}) AND sent_at <= fromUnixTimestamp64Milli({to:Int64})`

export const NO_STEPS: Steps = new Map()

/** The number of messages that meet the conditions in the store: of those that the selection has, or of more. Rejects with a StoreFailure. */
export async function countCandidates(port: QueryPort, selection: MessageSelection): Promise<number> {
  const { tenantId, rules, range } = selection
  const { sql, parameters } = messageConditions(selection)
  const query = tenantQuery<{ messages: number }>('messages_count', countSql(sql), {
    ...parameters,
    rules,
    from: range.start,
    to: range.end,
  })
  return (await port.query(tenantId, query))[0]?.messages ?? 0
}

const countSql = (conditions: string) => `
  SELECT sum(sign) AS messages
  FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND ${RULES_AND_RANGE} AND state != 0${conditions}
  SETTINGS optimize_use_projections = 0`

/** The conditions that the store can decide. Those of messages with later events are decided from their lists. */
export function messageConditions({ sending, outcome, status, not, until }: MessageSelection): SqlCondition {
  const [wanted, unwanted] = [maskOf(status), maskOf(not)]
  const states = [
    ...(wanted === 0 ? [] : [` AND bitAnd(state, ${wanted}) = ${wanted}`]),
    ...(unwanted === 0 ? [] : [` AND bitAnd(state, ${unwanted}) = 0`]),
    outcome.sql,
  ].join('')
  if (states === '') return sending
  return {
    sql: `${sending.sql} AND (last_event_at > fromUnixTimestamp64Milli({until:Int64}) OR (1${states}))`,
    parameters: { ...sending.parameters, ...outcome.parameters, until } satisfies Record<string, QueryParameter>,
  }
}

function maskOf(conditions: readonly MessageCondition[]): number {
  return conditions.reduce((mask, condition) => mask | (1 << MESSAGE_CONDITIONS.indexOf(condition)), 0)
}

export function isSelected(
  message: FoundMessage,
  { status, not, check, until }: MessageSelection,
  steps: Steps,
): boolean {
  const { messageId, sent, sentAt, outcome, history } = message
  const wanted = maskOf(status)
  if ((history.state & wanted) !== wanted || (history.state & maskOf(not)) !== 0) return false
  if (check === undefined) return true
  const { filter, eventTypes, zone } = check
  const columns = { ...sent, step_number: steps.get(messageId) ?? null, bounce_class: outcome.bounceClass, link: null }
  const valueOf = valuesOf(columns, sentAt, zone)
  if (eventTypes === undefined) return accepts(filter, valueOf)
  return history.events.some(({ eventType, occurredAt, actorClass, linkKey }) => {
    if (!eventTypes.includes(eventType) || occurredAt > until) return false
    return accepts(filter, (dimension) => {
      if (dimension === 'actorClass') return actorClass ?? null
      return dimension === 'link' ? (linkKey ?? null) : valueOf(dimension)
    })
  })
}
