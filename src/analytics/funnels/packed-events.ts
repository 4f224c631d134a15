/**
 * Events in eight bytes each, for funnels whose events are told apart by their time and rank alone: bits 0 to 7 are the exclusions, 8 to 11 the rank, 12 to 47 the milliseconds
 * since the start of the range. Bit 62 is always set, as the engine cuts off bytes that are zero.
 */
import { FUNNEL_LIMITS, type FunnelQuery } from './funnel-request.ts'
import { type EventMasks, stepsOfRank } from './event-masks.ts'
import type { FunnelEvents } from './attempts.ts'

const RANK_FACTOR = 2 ** FUNNEL_LIMITS.exclusions
const TIME_FACTOR = RANK_FACTOR * 16
const EVENT_BYTES = 8
const HIGH_WORD = 2 ** 32
/** As text, since it is no safe integer. */
const FULL_LENGTH = '4611686018427387904'

/** Rows of many entities each: their `events` in base64, how many each has, and the ids of the entities where they are needed. The selection is that of a slice. */
export function packedSql(
  { order, steps, range }: FunnelQuery,
  { entitySql, rankSql, exclusionsSql }: EventMasks,
  condition: string,
  needsEntities: boolean,
): string {
  const none = steps.length
  const starting = order === 'any' ? `rank < ${none}` : 'rank = 0'
  const isNeeded = order === 'strict' ? '' : `WHERE rank < ${none} OR excluded > 0`
  return `
  SELECT base64Encode(arrayStringConcat(arrayMap(event -> reinterpretAsString(event), arrayFlatten(groupArray(list))))) AS events, groupArray(length(list)) AS sizes,
    ${needsEntities ? 'groupArray(assumeNotNull(entity))' : 'emptyArrayString()'} AS entities
  FROM (
    SELECT entity, arraySort(groupArray(event)) AS list
    FROM (
      SELECT entity, at, rank, toUInt64((at - {from:Int64}) * ${TIME_FACTOR} + rank * ${RANK_FACTOR} + excluded + ${FULL_LENGTH}) AS event
      FROM (
        SELECT ${entitySql} AS entity, toUnixTimestamp64Milli(occurred_at) AS at, ${rankSql} AS rank, ${exclusionsSql} AS excluded
        FROM analytics_events WHERE tenant_id = {tenant:String}${condition}
        SETTINGS optimize_use_projections = 0
      ) ${isNeeded}
    )
    GROUP BY entity
    HAVING countIf(${starting} AND at <= ${range.end}) > 0
  )
  GROUP BY cityHash64(entity) % {chunks:UInt32}`
}

export interface PackedRow {
  readonly events: string
  /** How many events each entity has. */
  readonly sizes: readonly number[]
  readonly entities: readonly string[]
}

/** Entities with all of their events in one list. */
export interface PackedEntities extends FunnelEvents {
  readonly times: Float64Array
  /** The positions of the first events of the entities, and the number of events. */
  readonly bounds: Int32Array
}

/** The entities of a row. `from` is the instant of the parameter of the same name. */
export function unpackEvents(query: FunnelQuery, { events, sizes }: PackedRow, from: number): PackedEntities {
  const binary = atob(events)
  const count = binary.length / EVENT_BYTES
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < bytes.length; index++) bytes[index] = binary.charCodeAt(index)
  const view = new DataView(bytes.buffer)
  const stepsByRank = Uint16Array.from({ length: query.steps.length + 1 }, (_, rank) => stepsOfRank(query, rank))
  const times = new Float64Array(count)
  const steps = new Uint16Array(count)
  const exclusions = new Uint8Array(count)
  const bounds = new Int32Array(sizes.length + 1)
  for (const [index, size] of sizes.entries()) bounds[index + 1] = bounds[index]! + size
  for (let index = 0; index < count; index++) {
    const low = view.getUint32(index * EVENT_BYTES, true)
    const high = view.getUint32(index * EVENT_BYTES + 4, true)
    const rest = low % TIME_FACTOR
    times[index] = from + ((high & 0x3f_ff_ff_ff) * HIGH_WORD + low - rest) / TIME_FACTOR
    steps[index] = stepsByRank[Math.floor(rest / RANK_FACTOR)]!
    exclusions[index] = rest % RANK_FACTOR
  }
  return { times, steps, exclusions, bounds }
}
