/** Reads messages by the class or the link of their opens and clicks, each message once for each of them, in the range of their first sending. */
import type { DimensionName } from '../../dimensions.ts'
import { ACTOR_CLASSES, FIRST_CLASS_BIT } from '../../engagement/actor-classes.ts'
import { type QueryPort, tenantQuery } from '../../query/tenant-query.ts'
import {
  actionParameters,
  batchSql,
  bucketOf,
  hasClassOf,
  ID_HEAD_SQL,
  keysOf,
  keyTextsSql,
  listsSql,
  readActionLists,
} from './action-lists.ts'
import { type ColumnOf, factsColumns } from '../../filter/dimension-columns.ts'
import { dimensionsOfFilter, nullableColumn, passesSql } from '../../filter/filter-tree.ts'
import { type FactsRequest, type Groups, MAX_GROUPS } from './groups.ts'

const UNIQUE_KINDS = { uniqueOpens: 'opened', uniqueClicks: 'clicked' } as const
export type UniqueActionMetric = keyof typeof UNIQUE_KINDS

const IN_RANGE =
  'sent_at >= fromUnixTimestamp64Milli({start:Int64}) AND sent_at <= fromUnixTimestamp64Milli({end:Int64}) AND opens + clicks > 0'
/** The row of such a message says which classes its opens and clicks have. */
const IS_DECIDED = 'last_event_at <= fromUnixTimestamp64Milli({until:Int64}) AND action_classes != 0'
const FROM_FACTS = 'FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32}'

type Keys = ReturnType<typeof keysOf>

/** Rejects with a StoreFailure, or with TOO_MANY_GROUPS. */
export async function readUniqueActions(
  port: QueryPort,
  request: FactsRequest,
  names: readonly UniqueActionMetric[],
  groups: Groups,
): Promise<void> {
  const { dimensions, filter } = request
  const needsLink = dimensions.includes('link') || dimensionsOfFilter(filter).has('link')
  const add = (keys: Keys, at: number | undefined, name: UniqueActionMetric, messages: number) => {
    const { engagement } = groups.of(keys, at)
    engagement[name] = (engagement[name] ?? 0) + messages
  }
  if (!needsLink) await readDecided(port, request, names, add)
  const condition = needsLink ? IN_RANGE : `${IN_RANGE} AND NOT (${IS_DECIDED})`
  const actions = await countListed(port, request, condition)
  if (actions === 0) return
  await readListed(port, request, { names, needsLink, condition, actions }, add)
}

type Add = (keys: Keys, bucket: number | undefined, name: UniqueActionMetric, messages: number) => void

const SENT_MS = 'toUnixTimestamp64Milli(sent_at)'

interface SumsRow {
  readonly keys: readonly string[]
  readonly bucket: number
  readonly [sum: `messages_${number}`]: number
}

/** Sums over rows that say the classes. */
async function readDecided(
  port: QueryPort,
  request: FactsRequest,
  names: readonly UniqueActionMetric[],
  add: Add,
): Promise<void> {
  const { tenantId, localTime, dimensions, filter, buckets } = request
  const columnOf = (dimension: DimensionName) => factsColumns(localTime)(dimension, SENT_MS)
  // Where the class is no key, a message with several classes counts once.
  const classes = dimensions.includes('actorClass') ? ACTOR_CLASSES : [undefined]
  const sums = names.flatMap((name) =>
    classes.map((actorClass, index) => {
      const bits = `bitAnd(bitShiftRight(action_classes, ${FIRST_CLASS_BIT[UNIQUE_KINDS[name]]}), passes)`
      const mask = actorClass === undefined ? 2 ** ACTOR_CLASSES.length - 1 : 2 ** index
      return { name, actorClass, sql: `sum(sign * (bitAnd(${bits}, ${mask}) != 0))` }
    }),
  )
  const sql = `
  SELECT ${keyTextsSql(dimensions, (dimension) => columnOf(dimension).sql)} AS keys,
    ${buckets ? `roundDown(${SENT_MS}, {buckets:Array(Int64)})` : '0'} AS bucket,
    ${passesSql(filter, 'actorClass', ACTOR_CLASSES, columnOf)} AS passes,
    ${sums.map((sum, index) => `${sum.sql} AS messages_${index}`).join(', ')}
  ${FROM_FACTS} AND ${IN_RANGE} AND ${IS_DECIDED} AND passes != 0
  GROUP BY keys, bucket, passes HAVING ${sums.map((_, index) => `messages_${index} != 0`).join(' OR ')}
  LIMIT {rows:UInt32}
  SETTINGS optimize_use_projections = 0`
  const parameters = { ...actionParameters(request), rows: (MAX_GROUPS + 1) * 2 ** ACTOR_CLASSES.length }
  for (const row of await port.query(tenantId, tenantQuery<SumsRow>('query_unique_actions', sql, parameters)))
    for (const [index, { name, actorClass }] of sums.entries()) {
      const messages = row[`messages_${index}`]!
      if (messages !== 0) add(keysOf(dimensions, row.keys, actorClass ?? '', ''), buckets && row.bucket, name, messages)
    }
}

/** The number of opens and clicks of the messages that meet a condition. */
async function countListed(port: QueryPort, request: FactsRequest, condition: string): Promise<number> {
  const sql = `
  SELECT sum(sign * (opens + clicks)) AS actions
  ${FROM_FACTS} AND ${condition}
  SETTINGS optimize_use_projections = 0`
  const query = tenantQuery<{ actions: number }>('query_listed_count', sql, actionParameters(request))
  return (await port.query(request.tenantId, query))[0]?.actions ?? 0
}

interface Listed {
  readonly names: readonly UniqueActionMetric[]
  readonly needsLink: boolean
  readonly condition: string
  readonly actions: number
}

/** Messages whose opens and clicks are looked at one by one. */
async function readListed(
  port: QueryPort,
  request: FactsRequest,
  { names, needsLink, condition, actions: expected }: Listed,
  add: Add,
): Promise<void> {
  const { localTime, dimensions, filter, facts } = request
  const columns: ColumnOf = (dimension, atSql) =>
    dimension === 'link' ? nullableColumn('link') : factsColumns(localTime)(dimension, atSql)
  const columnOf = (dimension: DimensionName) => columns(dimension, 'sent_ms')
  const passes = passesSql(filter, 'actorClass', ACTOR_CLASSES, columnOf)
  const messageKeys = keyTextsSql(dimensions, (dimension) => (dimension === 'link' ? "''" : columnOf(dimension).sql))
  const lists = listsSql(
    'sent_at, channel, campaign_id, workflow_id, sequence_id, template_id, source_type, recipient_domain, ',
    condition,
  )
  const selected = `SELECT *, toUnixTimestamp64Milli(sent_at) AS sent_ms FROM (${lists})`
  const sql = needsLink
    ? `
  SELECT lower(hex(any(list))) AS events_hex, 0 AS classes, any(message_keys) AS keys, any(sent_ms) AS at,
    groupArray(tuple(id_head, emptyArrayString(), ifNull(link, ''), passes, 0)) AS actions
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
  SELECT lower(hex(list)) AS events_hex, 0 AS classes, ${messageKeys} AS keys, sent_ms AS at, [tuple('', emptyArrayString(), '', ${passes}, 0)] AS actions
  FROM (${selected})
  WHERE ${passes} != 0`
  const query = { name: 'query_unique_action_lists', sql, actions: expected }
  await readActionLists(port, request, query, ({ keys, at, actions }, classified) => {
    const byId = new Map(actions.map((action) => [action[0], action]))
    const counted = new Set<string>()
    for (const action of classified) {
      const name = names.find((each) => UNIQUE_KINDS[each] === action.kind)
      const found = byId.get(needsLink ? action.idHead : '')
      if (name === undefined || found === undefined || action.occurredAt > facts.until || !hasClassOf(found[3], action))
        continue
      const values = keysOf(dimensions, keys, action.actorClass, found[2])
      const identity = JSON.stringify([name, values])
      if (counted.has(identity)) continue
      counted.add(identity)
      add(values, bucketOf(request, at), name, 1)
    }
  })
}
