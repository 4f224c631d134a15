/**
 * Classifies opens and clicks one by one, where the row of facts of their message does not say the class of each: the lists of the events of the messages are read together
 * with the events that count, in batches of messages.
 */
import { TimeSlices } from '../../../base/event-loop-yielding.ts'
import type { DimensionName } from '../../dimensions.ts'
import { ACTOR_CLASSES, type ClassifiedAction } from '../../engagement/actor-classes.ts'
import { type QueryPort, tenantQuery } from '../../query/tenant-query.ts'
import { type KeyValue, keyValueOf } from '../../filter/dimension-columns.ts'
import { filterParameters } from '../../filter/filter-tree.ts'
import type { FactsRequest } from './groups.ts'

/** Opens and clicks per batch, about. */
const ACTIONS_PER_BATCH = 50_000
const MESSAGES_PER_YIELD_CHECK = 100

/** The first half of an id, as lists of events have it. */
export const ID_HEAD_SQL = "substring(replaceAll(toString(id), '-', ''), 1, 16)"

/** Messages of one batch, by a hash of their ids. */
export const batchSql = (message: string) => `cityHash64(${message}) % {batches:UInt32} = {batch:UInt32}`

/** The rows of facts that meet a condition, each message once. */
export const listsSql = (columns: string, condition: string) => `
    SELECT message_id, ${columns}argMax(events, length(events)) AS list
    FROM (
      SELECT message_id, ${columns}events
      FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32}
        AND ${condition} AND ${batchSql('message_id')}
      GROUP BY message_id, ${columns}events HAVING sum(sign) > 0
      SETTINGS optimize_use_projections = 0
    )
    GROUP BY ${`message_id, ${columns}`.replace(/, $/, '')}`

export interface ActionRow {
  readonly events_hex: string
  /** The bits of the classes that the row says. */
  readonly classes: number
  /** Of the message. */
  readonly keys: readonly string[]
  /** Of the sending. */
  readonly at: number
  /** Each event: the head of its id, its own keys, its link, the classes with which it passes the filter, its time. */
  readonly actions: readonly (readonly [
    idHead: string,
    keys: readonly string[],
    link: string,
    passes: number,
    at: number,
  ])[]
}

/** Calls `add` for each message with its classified opens and clicks. `actions` is about the number of them. */
export async function readActionLists(
  port: QueryPort,
  request: FactsRequest,
  { name, sql, actions }: { readonly name: string; readonly sql: string; readonly actions: number },
  add: (row: ActionRow, classified: readonly ClassifiedAction[]) => void,
): Promise<void> {
  const { tenantId, facts } = request
  const batches = Math.max(1, Math.ceil(actions / ACTIONS_PER_BATCH))
  const slices = new TimeSlices()
  for (let batch = 0; batch < batches; batch++) {
    const parameters = { ...actionParameters(request), batches, batch }
    const rows = await port.query(tenantId, tenantQuery<ActionRow>(name, sql, parameters))
    for (const [index, row] of rows.entries()) {
      add(row, facts.actionsOf(tenantId, row.events_hex))
      if (index % MESSAGES_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
    }
  }
}

export function actionParameters({ range, filter, localTime, facts, buckets }: FactsRequest) {
  return {
    ...range,
    ...filterParameters(filter),
    ...localTime.parameters,
    ...(buckets ? { buckets } : {}),
    rules: facts.rules,
    until: facts.until,
  }
}

/** A list of the keys as texts, empty for a missing value. The class is known later. */
export function keyTextsSql(dimensions: readonly DimensionName[], sqlOf: (dimension: DimensionName) => string): string {
  if (dimensions.length === 0) return 'emptyArrayString()'
  const texts = dimensions.map((dimension) =>
    dimension === 'actorClass' ? "''" : `toString(ifNull(${sqlOf(dimension)}, ''))`,
  )
  return `[${texts.join(', ')}]`
}

export function keysOf(
  dimensions: readonly DimensionName[],
  texts: readonly string[],
  actorClass: string,
  link: string,
): KeyValue[] {
  return dimensions.map((dimension, index) => {
    if (dimension === 'actorClass') return actorClass
    return keyValueOf(dimension, dimension === 'link' && texts[index] === '' ? link : texts[index]!)
  })
}

export function hasClassOf(passes: number, { actorClass }: ClassifiedAction): boolean {
  return ((passes >>> ACTOR_CLASSES.indexOf(actorClass)) & 1) === 1
}

export function bucketOf({ buckets }: FactsRequest, at: number): number | undefined {
  return buckets?.findLast((start) => start <= at)
}
