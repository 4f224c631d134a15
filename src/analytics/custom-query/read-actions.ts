/**
 * Reads opens and clicks by the class of their actor. The class follows from all events of the message, which its row of facts lists: the lists are read together with the
 * events that count, in batches of messages, and classified here.
 */
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import type { DimensionName } from '../dimensions.ts'
import { ACTOR_CLASSES, type ClassifiedAction } from '../engagement/actor-classes.ts'
import { eventCountsSql, isAnyCountedSql } from '../query/metric-sql.ts'
import { countsSql, QUARTER_HOUR_ROLL_UP } from '../query/roll-up.ts'
import { type QueryPort, tenantQuery } from '../query/tenant-query.ts'
import { type ColumnOf, eventColumns, factsColumns, type KeyValue, keyValueOf } from './dimension-columns.ts'
import { dimensionsOfFilter, filterParameters, nullableColumn, passesSql } from './filter-tree.ts'
import type { FactsRequest, Groups } from './groups.ts'

/** Opens and clicks per batch, about. */
const ACTIONS_PER_BATCH = 50_000
const MESSAGES_PER_YIELD_CHECK = 100

/** The first half of an id, as lists of events have it. */
const ID_HEAD_SQL = "substring(replaceAll(toString(id), '-', ''), 1, 16)"

/** Messages of one batch, by a hash of their ids. */
const batchSql = (message: string) => `cityHash64(${message}) % {batches:UInt32} = {batch:UInt32}`

/** The rows of facts of messages that can have such events, each message once. */
const listsSql = (columns: string, condition: string) => `
    SELECT message_id, ${columns}argMax(events, length(events)) AS list
    FROM (
      SELECT message_id, ${columns}events
      FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32}
        AND ${condition} AND ${batchSql('message_id')}
      GROUP BY message_id, ${columns}events HAVING sum(sign) > 0
      SETTINGS optimize_use_projections = 0
    )
    GROUP BY ${`message_id, ${columns}`.replace(/, $/, '')}`

interface ActionRow {
  readonly events_hex: string
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

/** Adds counts of events by class: of `opened` and `clicked`. */
export async function readActions(
  port: QueryPort,
  request: FactsRequest,
  names: readonly ('opened' | 'clicked')[],
  groups: Groups,
): Promise<void> {
  const { localTime, dimensions } = request
  const columnOf = (dimension: DimensionName) => eventColumns(localTime)(dimension, 'at')
  const passes = passesSql(request.filter, 'actorClass', ACTOR_CLASSES, columnOf)
  const sql = `
  SELECT lower(hex(any(list))) AS events_hex, emptyArrayString() AS keys, 0 AS at,
    groupArray(tuple(id_head, action_keys, '', passes, at)) AS actions
  FROM (
    SELECT entity_id, ${ID_HEAD_SQL} AS id_head, toUnixTimestamp64Milli(occurred_at) AS at, ${keyTextsSql(dimensions, (dimension) => columnOf(dimension).sql)} AS action_keys,
      ${passes} AS passes
    FROM analytics_events WHERE tenant_id = {tenant:String} AND ${isAnyCountedSql(names)}
      AND occurred_at >= fromUnixTimestamp64Milli({start:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({end:Int64})
      AND ${batchSql('entity_id')} AND passes != 0
    SETTINGS optimize_use_projections = 0
  ) AS found
  INNER JOIN (${listsSql('', 'last_event_at >= fromUnixTimestamp64Milli({start:Int64})')}
  ) AS lists ON found.entity_id = lists.message_id
  GROUP BY found.entity_id`
  await readBatches(port, request, 'query_actions', sql, ({ actions }, classified) => {
    const byId = new Map(classified.map((action) => [action.idHead, action]))
    for (const [idHead, keys, , bits, at] of actions) {
      const action = byId.get(idHead)
      if (action === undefined || !hasClassOf(bits, action)) continue
      const group = groups.of(keysOf(dimensions, keys, action, ''), bucketOf(request, at))
      group.counts[action.kind] = (group.counts[action.kind] ?? 0) + 1
    }
  })
  for (const { counts } of groups.all()) for (const name of names) counts[name] ??= 0
}

const UNIQUE_KINDS = { uniqueOpens: 'opened', uniqueClicks: 'clicked' } as const
export type UniqueActionMetric = keyof typeof UNIQUE_KINDS

/** Adds counts of messages that have an open or click of a class or with a link: each message once for each of them. */
export async function readUniqueActions(
  port: QueryPort,
  request: FactsRequest,
  names: readonly UniqueActionMetric[],
  groups: Groups,
): Promise<void> {
  const { localTime, dimensions, filter, facts } = request
  const needsLink = dimensions.includes('link') || dimensionsOfFilter(filter).has('link')
  const columns: ColumnOf = (dimension, atSql) =>
    dimension === 'link' ? nullableColumn('link') : factsColumns(localTime)(dimension, atSql)
  const columnOf = (dimension: DimensionName) => columns(dimension, 'sent_ms')
  const passes = passesSql(filter, 'actorClass', ACTOR_CLASSES, columnOf)
  const messageKeys = keyTextsSql(dimensions, (dimension) => (dimension === 'link' ? "''" : columnOf(dimension).sql))
  const sentInRange = `sent_at >= fromUnixTimestamp64Milli({start:Int64}) AND sent_at <= fromUnixTimestamp64Milli({end:Int64}) AND opens + clicks > 0`
  const lists = listsSql(
    'sent_at, channel, campaign_id, workflow_id, sequence_id, template_id, source_type, recipient_domain, ',
    sentInRange,
  )
  const selected = `SELECT *, toUnixTimestamp64Milli(sent_at) AS sent_ms FROM (${lists})`
  const sql = needsLink
    ? `
  SELECT lower(hex(any(list))) AS events_hex, any(message_keys) AS keys, any(sent_ms) AS at, groupArray(tuple(id_head, emptyArrayString(), ifNull(link, ''), passes, 0)) AS actions
  FROM (
    SELECT message_id, list, sent_ms, id_head, link, ${messageKeys} AS message_keys, ${passes} AS passes
    FROM (${selected}) AS lists
    INNER JOIN (
      SELECT entity_id, ${ID_HEAD_SQL} AS id_head, link
      FROM analytics_events WHERE tenant_id = {tenant:String} AND event_type IN ('message_opened', 'message_clicked') AND ${batchSql('entity_id')}
      SETTINGS optimize_use_projections = 0
    ) AS found ON found.entity_id = lists.message_id
  )
  WHERE passes != 0
  GROUP BY message_id`
    : `
  SELECT lower(hex(list)) AS events_hex, ${messageKeys} AS keys, sent_ms AS at, [tuple('', emptyArrayString(), '', ${passes}, 0)] AS actions
  FROM (${selected})
  WHERE ${passes} != 0`
  await readBatches(port, request, 'query_unique_actions', sql, ({ keys, at, actions }, classified) => {
    const byId = new Map(actions.map((action) => [action[0], action]))
    const counted = new Set<string>()
    for (const action of classified) {
      const name = names.find((each) => UNIQUE_KINDS[each] === action.kind)
      const found = byId.get(needsLink ? action.idHead : '')
      if (name === undefined || found === undefined || action.occurredAt > facts.until || !hasClassOf(found[3], action))
        continue
      const values = keysOf(dimensions, keys, action, found[2])
      const identity = JSON.stringify([name, values])
      if (counted.has(identity)) continue
      counted.add(identity)
      const { engagement } = groups.of(values, bucketOf(request, at))
      engagement[name] = (engagement[name] ?? 0) + 1
    }
  })
}

/** A list of the keys as texts, empty for a missing value. The class is known later. */
function keyTextsSql(dimensions: readonly DimensionName[], sqlOf: (dimension: DimensionName) => string): string {
  if (dimensions.length === 0) return 'emptyArrayString()'
  const texts = dimensions.map((dimension) =>
    dimension === 'actorClass' ? "''" : `toString(ifNull(${sqlOf(dimension)}, ''))`,
  )
  return `[${texts.join(', ')}]`
}

function keysOf(
  dimensions: readonly DimensionName[],
  texts: readonly string[],
  { actorClass }: ClassifiedAction,
  link: string,
): KeyValue[] {
  return dimensions.map((dimension, index) => {
    if (dimension === 'actorClass') return actorClass
    return keyValueOf(dimension, dimension === 'link' && texts[index] === '' ? link : texts[index]!)
  })
}

function hasClassOf(passes: number, { actorClass }: ClassifiedAction): boolean {
  return ((passes >>> ACTOR_CLASSES.indexOf(actorClass)) & 1) === 1
}

function bucketOf({ buckets }: FactsRequest, at: number): number | undefined {
  return buckets?.findLast((start) => start <= at)
}

/** Calls `add` for each message with its classified opens and clicks. */
async function readBatches(
  port: QueryPort,
  request: FactsRequest,
  name: string,
  sql: string,
  add: (row: ActionRow, classified: readonly ClassifiedAction[]) => void,
): Promise<void> {
  const { tenantId, range, localTime, filter, facts } = request
  const batches = Math.max(1, Math.ceil((await countActions(port, request)) / ACTIONS_PER_BATCH))
  const slices = new TimeSlices()
  for (let batch = 0; batch < batches; batch++) {
    const parameters = {
      ...range,
      ...filterParameters(filter),
      ...localTime.parameters,
      rules: facts.rules,
      batches,
      batch,
    }
    const rows = await port.query(tenantId, tenantQuery<ActionRow>(name, sql, parameters))
    for (const [index, row] of rows.entries()) {
      add(row, facts.actionsOf(tenantId, row.events_hex))
      if (index % MESSAGES_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
    }
  }
}

/** The number of opens and clicks in the range. */
async function countActions(port: QueryPort, { tenantId, range }: FactsRequest): Promise<number> {
  const names = ['opened', 'clicked'] as const
  const counts = countsSql({
    rollUp: QUARTER_HOUR_ROLL_UP,
    range,
    counts: eventCountsSql(names),
    rowsSql: isAnyCountedSql(names),
  })
  const sql = `SELECT sum(opened) + sum(clicked) AS actions FROM ${counts.sql}`
  const [row] = await port.query(
    tenantId,
    tenantQuery<{ actions: number }>('query_action_count', sql, counts.parameters),
  )
  return row?.actions ?? 0
}
