/**
 * Reads opens and clicks by the class of their actor, each in the range by its own time. The class follows from all events of the message. Its row of facts says which classes
 * its opens and its clicks have: of most messages one, which the store counts. Only the others are classified one by one.
 */
import type { DimensionName } from '../../dimensions.ts'
import { ACTOR_CLASSES, FIRST_CLASS_BIT } from '../../engagement/actor-classes.ts'
import { eventCountsSql, isAnyCountedSql } from '../../query/metric-sql.ts'
import { countsSql, QUARTER_HOUR_ROLL_UP } from '../../query/roll-up.ts'
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
import { eventColumns } from '../../filter/dimension-columns.ts'
import { passesSql } from '../../filter/filter-tree.ts'
import { type FactsRequest, type Groups, MAX_GROUPS } from './groups.ts'

type Kind = 'opened' | 'clicked'

/** Opens and clicks per query: what the store joins with little memory. */
const ACTIONS_PER_QUERY = 5_000_000
const CLASS_BITS = 2 ** ACTOR_CLASSES.length - 1

/** The bits of the classes that the opens or the clicks of a message have. */
const bitsSql = (kind: Kind) =>
  FIRST_CLASS_BIT[kind] === 0
    ? `bitAnd(action_classes, ${CLASS_BITS})`
    : `bitShiftRight(action_classes, ${FIRST_CLASS_BIT[kind]})`
const SINGLE_CLASSES = ACTOR_CLASSES.map((_, index) => 2 ** index)

function isDecided(kind: Kind, classes: number): boolean {
  return SINGLE_CLASSES.includes((classes >>> FIRST_CLASS_BIT[kind]) & CLASS_BITS)
}

interface DecidedRow {
  readonly keys: readonly string[]
  readonly bucket: number
  readonly kind: Kind
  /** The number of the class; -1 where the row of the message does not say it. */
  readonly class: number
  readonly events: number
}

/** Adds counts of events by class: of `opened` and `clicked`. Rejects with a StoreFailure, or with TOO_MANY_GROUPS. */
export async function readActions(
  port: QueryPort,
  request: FactsRequest,
  names: readonly Kind[],
  groups: Groups,
): Promise<void> {
  const add = (keys: ReturnType<typeof keysOf>, bucket: number | undefined, kind: Kind, events: number) => {
    const { counts } = groups.of(keys, bucket)
    counts[kind] = (counts[kind] ?? 0) + events
  }
  const { tenantId, dimensions, buckets } = request
  const batches = Math.max(1, Math.ceil((await countActions(port, request)) / ACTIONS_PER_QUERY))
  let undecided = 0
  for (let batch = 0; batch < batches; batch++) {
    const parameters = { ...actionParameters(request), batches, batch, rows: (MAX_GROUPS + 1) * 2 * CLASS_BITS }
    const query = tenantQuery<DecidedRow>('query_actions', decidedSql(request, names), parameters)
    for (const row of await port.query(tenantId, query)) {
      if (row.class < 0) undecided += row.events
      else add(keysOf(dimensions, row.keys, ACTOR_CLASSES[row.class]!, ''), buckets && row.bucket, row.kind, row.events)
    }
  }
  if (undecided > 0) {
    const list = { name: 'query_action_lists', sql: listedSql(request, names), actions: undecided }
    await readActionLists(port, request, list, ({ actions, classes }, classified) => {
      const byId = new Map(classified.map((action) => [action.idHead, action]))
      for (const [idHead, keys, , bits, at] of actions) {
        const action = byId.get(idHead)
        if (action === undefined || isDecided(action.kind, classes) || !hasClassOf(bits, action)) continue
        add(keysOf(dimensions, keys, action.actorClass, ''), bucketOf(request, at), action.kind, 1)
      }
    })
  }
  for (const { counts } of groups.all()) for (const name of names) counts[name] ??= 0
}

const AT_SQL = 'toUnixTimestamp64Milli(occurred_at)'

/** The events that count, with their keys and the classes with which they pass the filter. */
function eventsSql({ localTime, dimensions, filter, buckets }: FactsRequest, names: readonly Kind[], columns: string) {
  const columnOf = (dimension: DimensionName) => eventColumns(localTime)(dimension, AT_SQL)
  return `
    SELECT entity_id, ${columns}${keyTextsSql(dimensions, (dimension) => columnOf(dimension).sql)} AS action_keys,
      ${buckets ? `roundDown(${AT_SQL}, {buckets:Array(Int64)})` : '0'} AS bucket,
      ${passesSql(filter, 'actorClass', ACTOR_CLASSES, columnOf)} AS passes
    FROM analytics_events WHERE tenant_id = {tenant:String} AND ${isAnyCountedSql(names)}
      AND occurred_at >= fromUnixTimestamp64Milli({start:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({end:Int64})
      AND ${batchSql('entity_id')} AND passes != 0
    SETTINGS optimize_use_projections = 0`
}

/** A removed row cancels out with the row that it removes, as in all sums over facts. */
function decidedSql(request: FactsRequest, names: readonly Kind[]): string {
  const bits = `if(kind = 'opened', ${bitsSql('opened')}, ${bitsSql('clicked')})`
  return `
  SELECT action_keys AS keys, bucket, kind, toInt8(indexOf([${SINGLE_CLASSES.join(', ')}], ${bits})) - 1 AS class, sum(sign) AS events
  FROM (${eventsSql(request, names, 'substring(event_type, 9) AS kind, ')}
  ) AS found
  INNER JOIN (
    SELECT message_id, sign, action_classes
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32}
      AND last_event_at >= fromUnixTimestamp64Milli({start:Int64}) AND (opens + clicks > 0 OR state = 0) AND ${batchSql('message_id')}
    SETTINGS optimize_use_projections = 0
  ) AS messages ON found.entity_id = messages.message_id
  WHERE class < 0 OR bitAnd(passes, ${bits}) != 0
  GROUP BY keys, bucket, kind, class HAVING events != 0
  LIMIT {rows:UInt32}`
}

/** The lists of the messages whose row does not say the class of each event. */
function listedSql(request: FactsRequest, names: readonly Kind[]): string {
  const isListed = names.map(
    (kind) =>
      `(${kind === 'opened' ? 'opens' : 'clicks'} > 0 AND NOT ${bitsSql(kind)} IN (${SINGLE_CLASSES.join(', ')}))`,
  )
  const condition = `last_event_at >= fromUnixTimestamp64Milli({start:Int64}) AND (state = 0 OR ${isListed.join(' OR ')})`
  return `
  SELECT lower(hex(any(list))) AS events_hex, any(action_classes) AS classes, emptyArrayString() AS keys, 0 AS at,
    groupArray(tuple(id_head, action_keys, '', passes, at)) AS actions
  FROM (${eventsSql(request, names, `${ID_HEAD_SQL} AS id_head, ${AT_SQL} AS at, `)}
  ) AS found
  INNER JOIN (${listsSql('action_classes, ', condition)}
  ) AS lists ON found.entity_id = lists.message_id
  GROUP BY found.entity_id`
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
