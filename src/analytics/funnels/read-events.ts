/** Reads the events of the entities of a funnel: those of each entity together and in order, in slices of the entities, so that the memory is bounded. */
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { eventColumns, keyValueOf, type KeyValue, valueTextSql } from '../filter/dimension-columns.ts'
import type { LocalTime } from '../filter/local-time.ts'
import type { DimensionName } from '../dimensions.ts'
import { ACTOR_CLASSES, type ActorClass } from '../engagement/actor-classes.ts'
import { tenantQuery } from '../query/tenant-query.ts'
import type { TimeRange } from '../time/time-range.ts'
import { type FunnelEvents, rankOf } from './attempts.ts'
import { type EventMasks, eventMasksOf, FIRST_EXCLUSION, needsClasses, STEP_BITS } from './event-masks.ts'
import type { FunnelQuery } from './funnel-request.ts'
import { type PackedRow, packedSql, unpackEvents } from './packed-events.ts'
import { type ClassesSource, readClasses, type Selection } from './read-classes.ts'

export type FunnelSource = ClassesSource

export interface FunnelReading {
  readonly tenantId: string
  readonly query: FunnelQuery
  /** Later events do not count. */
  readonly until: number
  /** Only these entities, which are few. */
  readonly entities?: readonly string[] | undefined
  /** Only the entities whose ids this subquery reads. */
  readonly among?: Selection | undefined
  /** What is needed: the numbers, the ids of the entities too, or also those of the events. */
  readonly needs: 'numbers' | 'entities' | 'events'
}

/** The events of one entity, or of several in one list. */
export interface EntityEvents extends FunnelEvents {
  /** The id of the entity whose events begin at the position; empty unless it is asked for. */
  entityAt(from: number): string
  /** The value of the breakdown of each event; empty without a breakdown. */
  readonly values: readonly KeyValue[]
  /** Empty unless they are asked for. */
  readonly ids: readonly string[]
}

export type VisitEntity = (events: EntityEvents, from: number, to: number) => void

/** Events per query, about. */
const EVENTS_PER_SLICE = 150_000
const PACKED_EVENTS_PER_SLICE = 3_000_000
/** Packed events per row, about: they are unpacked without a break. */
const EVENTS_PER_CHUNK = 30_000
const ENTITIES_PER_YIELD_CHECK = 200

interface EntityRow {
  readonly entity_text: string
  readonly times: readonly number[]
  readonly masks: readonly number[]
  readonly class_masks: readonly (readonly number[])[]
  readonly ids: readonly string[]
  readonly event_values: readonly string[]
  readonly messages: readonly string[]
}

/** The time of all events that can matter. */
function spanOf({ range, windowMs }: FunnelQuery, until: number): TimeRange {
  return { start: range.start, end: Math.min(range.end + windowMs, until) }
}

/** Calls `visit` for each entity with an event at which an attempt starts. Rejects with a StoreFailure. */
export async function readEntities(source: FunnelSource, reading: FunnelReading, visit: VisitEntity): Promise<void> {
  const { tenantId, query, until, needs } = reading
  const span = spanOf(query, until)
  if (span.end < span.start) return
  const masks = eventMasksOf(query, span)
  const selected = selectionOf(reading, span, masks)
  const count = reading.entities === undefined ? await countEvents(source, tenantId, selected) : 0
  const isPacked = masks.isDecidedByRank && query.breakdown === undefined && needs !== 'events'
  const slices = Math.max(1, Math.ceil(count / (isPacked ? PACKED_EVENTS_PER_SLICE : EVENTS_PER_SLICE)))
  const chunks = Math.max(1, Math.ceil(count / slices / EVENTS_PER_CHUNK))
  const sliceOf = (slice: number) => ({
    sql: slices === 1 ? selected.sql : `${selected.sql} AND ${sliceSql(masks.entitySql)}`,
    parameters: { ...selected.parameters, ...(slices === 1 ? {} : { slices, slice }) },
  })
  if (isPacked) {
    // The store works on the next slice while this one is folded.
    let next = readPacked(source, reading, masks, sliceOf(0), chunks)
    for (let slice = 0; slice < slices; slice++) {
      const rows = await next
      if (slice + 1 < slices) {
        next = readPacked(source, reading, masks, sliceOf(slice + 1), chunks)
        // A failure counts when the slice is awaited.
        next.catch(() => undefined)
      }
      await visitPacked(query, rows, visit)
    }
    return
  }
  for (let slice = 0; slice < slices; slice++) await readRows(source, reading, masks, sliceOf(slice), visit)
}

function readPacked(
  { port }: FunnelSource,
  { tenantId, query, needs }: FunnelReading,
  masks: EventMasks,
  { sql, parameters }: Selection,
  chunks: number,
): Promise<readonly PackedRow[]> {
  const text = packedSql(query, masks, sql, needs === 'entities')
  return port.query(tenantId, tenantQuery<PackedRow>('funnel_packed_events', text, { ...parameters, chunks }))
}

async function visitPacked(query: FunnelQuery, rows: readonly PackedRow[], visit: VisitEntity): Promise<void> {
  const yielding = new TimeSlices()
  for (const row of rows) {
    const unpacked = unpackEvents(query, row, query.range.start)
    const { bounds } = unpacked
    await yielding.yieldIfExpired()
    let entity = 0
    const events: EntityEvents = { ...unpacked, values: [], ids: [], entityAt: () => row.entities[entity] ?? '' }
    for (; entity < bounds.length - 1; entity++) {
      visit(events, bounds[entity]!, bounds[entity + 1]!)
      if (entity % ENTITIES_PER_YIELD_CHECK === 0) await yielding.yieldIfExpired()
    }
  }
}

async function readRows(
  source: FunnelSource,
  reading: FunnelReading,
  masks: EventMasks,
  selection: Selection,
  visit: VisitEntity,
): Promise<void> {
  const { tenantId, query } = reading
  const yielding = new TimeSlices()
  const text = entitiesSql(reading, masks, selection.sql)
  const rows = await source.port.query(tenantId, tenantQuery<EntityRow>('funnel_events', text, selection.parameters))
  const classOf = needsClasses(query) ? await readClasses(source, tenantId, selection, rows) : undefined
  for (const [index, row] of rows.entries()) {
    visitRow(query, row, classOf, visit)
    if (index % ENTITIES_PER_YIELD_CHECK === 0) await yielding.yieldIfExpired()
  }
}

function selectionOf({ entities, among }: FunnelReading, span: TimeRange, masks: EventMasks): Selection {
  const { eventTypes, entitySql } = masks
  const types = eventTypes === undefined ? '' : ' AND event_type IN {eventTypes:Array(String)}'
  const chosen =
    (entities === undefined ? '' : ` AND ${entitySql} IN {entities:Array(String)}`) +
    (among === undefined ? '' : ` AND ${entitySql} IN (${among.sql})`)
  return {
    sql: `${types} AND occurred_at >= fromUnixTimestamp64Milli({from:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({to:Int64})
     ${entitySql === 'entity_id' ? '' : ` AND isNotNull(${entitySql})`}${chosen}`,
    parameters: {
      ...masks.parameters,
      ...among?.parameters,
      from: span.start,
      to: span.end,
      ...(eventTypes === undefined ? {} : { eventTypes }),
      ...(entities === undefined ? {} : { entities }),
    },
  }
}

const sliceSql = (entitySql: string) => `cityHash64(assumeNotNull(${entitySql})) % {slices:UInt32} = {slice:UInt32}`

async function countEvents(source: FunnelSource, tenantId: string, { sql, parameters }: Selection): Promise<number> {
  const countSql = `
  SELECT count() AS events
  FROM analytics_events WHERE tenant_id = {tenant:String}${sql}
  SETTINGS optimize_use_projections = 0`
  const statement = tenantQuery<{ events: number }>('funnel_event_count', countSql, parameters)
  return (await source.port.query(tenantId, statement))[0]!.events
}

function entitiesSql({ query, needs }: FunnelReading, masks: EventMasks, condition: string): string {
  const { order, steps, breakdown, range } = query
  const { entitySql, maskSql, classMasksSql, isDecidedByRank, localTime } = masks
  const usesClasses = needsClasses(query)
  const isAction = `event_type IN ('message_opened', 'message_clicked')`
  const columns = {
    ids: needs === 'events' || breakdown !== undefined || usesClasses || !isDecidedByRank ? 'toString(id)' : undefined,
    event_values: breakdown && eventValueSql(breakdown.dimension, localTime),
    class_masks: classMasksSql && `if(${isAction}, ${classMasksSql}, emptyArrayUInt32())`,
    messages: usesClasses ? `if(${isAction}, entity_id, '')` : undefined,
  }
  const used = Object.entries(columns).filter(([, sql]) => sql !== undefined)
  const unused = Object.entries(columns).filter(([, sql]) => sql === undefined)
  const starting = order === 'any' ? 2 ** steps.length - 1 : 1
  const reached = classMasksSql
    ? `bitOr(mask, arrayReduce('groupBitOr', arrayPushBack(one_class_masks, mask)))`
    : 'mask'
  const isNeeded = order === 'strict' ? '' : `WHERE ${reached} != 0`
  return `
  SELECT ${needs !== 'numbers' ? 'assumeNotNull(entity)' : "''"} AS entity_text, groupArray(at) AS times, groupArray(mask) AS masks${[
    ...used.map(([name]) => `, groupArray(one_${name}) AS ${name}`),
    ...unused.map(([name]) => `, [] AS ${name}`),
  ].join('')}
  FROM (
    SELECT ${entitySql} AS entity, toUnixTimestamp64Milli(occurred_at) AS at, ${maskSql} AS mask${used.map(([name, sql]) => `, ${sql} AS one_${name}`).join('')}
    FROM analytics_events WHERE tenant_id = {tenant:String}${condition}
    SETTINGS optimize_use_projections = 0
  ) ${isNeeded}
  GROUP BY entity
  HAVING countIf(bitAnd(${reached}, ${starting}) != 0 AND at <= ${range.end}) > 0`
}

/** The class of the actor is known later. */
function eventValueSql(dimension: DimensionName, localTime: LocalTime): string {
  return dimension === 'actorClass' ? "''" : valueTextSql(eventColumns(localTime), dimension, 'at')
}

function visitRow(
  query: FunnelQuery,
  row: EntityRow,
  classOf: ((id: string) => ActorClass | undefined) | undefined,
  visit: VisitEntity,
) {
  const { steps, breakdown } = query
  const stepCount = steps.length
  const { times, ids } = row
  const masks = row.masks.map((mask, index) => {
    const byClass = row.class_masks[index]
    if (byClass === undefined || byClass.length === 0) return mask
    const actorClass = classOf!(ids[index]!)
    return actorClass === undefined ? mask : byClass[ACTOR_CLASSES.indexOf(actorClass)]!
  })
  const order = times.map((_, index) => index)
  const rank = (index: number) => rankOf(masks[index]! & STEP_BITS, stepCount)
  if (order.length > 1)
    order.sort(
      (a, b) =>
        times[a]! - times[b]! ||
        rank(a) - rank(b) ||
        (ids.length === 0 || ids[a] === ids[b] ? 0 : ids[a]! < ids[b]! ? -1 : 1),
    )
  const valueAt = (index: number): KeyValue => {
    if (breakdown!.dimension !== 'actorClass') return keyValueOf(breakdown!.dimension, row.event_values[index]!)
    return row.messages[index] === '' ? null : (classOf!(ids[index]!) ?? null)
  }
  const events: EntityEvents = {
    entityAt: () => row.entity_text,
    times: order.map((index) => times[index]!),
    steps: order.map((index) => masks[index]! & STEP_BITS),
    exclusions: order.map((index) => masks[index]! >>> FIRST_EXCLUSION),
    values: breakdown ? order.map(valueAt) : [],
    ids: order.map((index) => ids[index] ?? ''),
  }
  visit(events, 0, order.length)
}
