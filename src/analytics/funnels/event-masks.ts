/** Which steps and exclusions of a funnel an event matches, in SQL: one bit each. */
import { eventColumns } from '../filter/dimension-columns.ts'
import { type FilterTree, filterParameters, presentColumn, treeSql } from '../filter/filter-tree.ts'
import { type LocalTime, localTimeOf } from '../filter/local-time.ts'
import type { DimensionName } from '../dimensions.ts'
import { dependsOn } from '../drill-down/search-filter.ts'
import { ACTOR_CLASSES, type ActorClass } from '../engagement/actor-classes.ts'
import type { QueryParameter } from '../query/tenant-query.ts'
import type { TimeRange } from '../time/time-range.ts'
import { FUNNEL_LIMITS, type FunnelEntity, type FunnelQuery } from './funnel-request.ts'

/** The bit of the first exclusion. */
export const FIRST_EXCLUSION = FUNNEL_LIMITS.maxSteps
export const STEP_BITS = 2 ** FUNNEL_LIMITS.maxSteps - 1

const CLASS: ReadonlySet<DimensionName> = new Set(['actorClass'])

/** Of an event of a workflow. Without a run it has the id of the workflow as that of its entity. */
const RUN_SQL = "if(entity_id = ifNull(workflow_id, ''), NULL, entity_id)"

/** The SQL of the id of an entity: null for an event that does not have it. */
const ENTITY_SQL: Readonly<Record<FunnelEntity, string>> = {
  contact: 'contact_id',
  enrollment: 'enrollment_id',
  message: `if(startsWith(event_type, 'message_'), entity_id, ${metadataIdSql('messageId')})`,
  run: `if(startsWith(event_type, 'workflow_'), ${RUN_SQL}, ${metadataIdSql('runId')})`,
}

/** The event types whose own id is that of such an entity, by their prefix: no other column has to be read for them. */
const OWN_TYPES: Partial<Record<FunnelEntity, string>> = { message: 'message_', run: 'workflow_' }

/** An id that has no column, of the fields of the first level of `metadata` (migration 0016 describes its text): a text or an integer. */
function metadataIdSql(field: string): string {
  const fields = `extractAll(
    if(
      match(metadata, '[:,[][{[]'),
      arrayStringConcat(arrayMap(
        tokens -> arrayFilter(
          (token, depth) -> depth = 1 AND startsWith(token, '"'),
          tokens,
          arrayCumSum(token -> (token IN ('{', '[')) - (token IN ('}', ']')), tokens)
        ),
        [extractAll(metadata, '"(?:[^"\\\\\\\\]|\\\\\\\\.)*"(?::(?:"(?:[^"\\\\\\\\]|\\\\\\\\.)*"|[^",{}\\\\[\\\\]]+)?)?|[{}\\\\[\\\\]]')]
      )[1], ','),
      metadata
    ),
    '"(?:data\\\\.)?${field}":((?:"(?:[^"\\\\\\\\]|\\\\\\\\.)+"|-?[0-9]+))'
  )`
  return `if(position(metadata, '${field}":') = 0, NULL, nullIf(arrayMap(
    value -> multiIf(
      NOT startsWith(value, '"'), value,
      position(value, '\\\\') = 0, substring(value, 2, length(value) - 2),
      JSONExtractString(value)
    ),
    [(${fields})[1]]
  )[1], ''))`
}

/** How the events of a funnel are selected and marked. */
export interface EventMasks {
  /** The types of the events that can matter; undefined where all events of an entity matter. */
  readonly eventTypes: readonly string[] | undefined
  /** Of the id of the entity. */
  readonly entitySql: string
  /** The mask of an event without a class of its actor. The time is `at`, in epoch milliseconds. */
  readonly maskSql: string
  /** The masks of an open or click by the class of its actor, as a list; undefined where they do not depend on it. */
  readonly classMasksSql: string | undefined
  /** Whether events of the same time and rank match the same steps, so that their ids do not matter. */
  readonly isDecidedByRank: boolean
  /** Where it is so: the lowest step that an event matches, or the number of steps. */
  readonly rankSql: string
  /** Where it is so: the exclusions that an event matches, the first one as bit 0. */
  readonly exclusionsSql: string
  readonly localTime: LocalTime
  readonly parameters: Readonly<Record<string, QueryParameter>>
}

/** `span` is the time of all events that can matter. */
export function eventMasksOf({ entity, steps, exclusions, order, zone }: FunnelQuery, span: TimeRange): EventMasks {
  const localTime = localTimeOf(span, zone)
  const columnOf = eventColumns(localTime)
  const parts = [
    ...steps.map(({ event, filter }, index) => ({ event, filter, bit: index, name: `step${index}Filter` })),
    ...exclusions.map(({ event, filter }, index) => ({
      event,
      filter,
      bit: FIRST_EXCLUSION + index,
      name: `exclusion${index}Filter`,
    })),
  ]
  const eventParameters = Object.fromEntries(parts.map(({ event, name }) => [`${name}Event`, event]))
  const conditionSql = ({ filter, name }: (typeof parts)[number], actorClass: ActorClass | undefined) => {
    const isType = `(event_type = {${name}Event:String})`
    if (filter === undefined) return isType
    const tree = treeSql(
      filter,
      (dimension) => (dimension === 'actorClass' ? constantColumn(actorClass) : columnOf(dimension, 'at')),
      name,
    )
    return `(${isType} AND ${tree})`
  }
  const maskSql = (actorClass: ActorClass | undefined) =>
    `toUInt32(${parts.map((part) => `${conditionSql(part, actorClass)} * ${2 ** part.bit}`).join(' + ')})`
  const dependsOnClass = parts.some(({ filter }) => dependsOn(filter, CLASS))
  const eventTypes = order === 'strict' ? undefined : [...new Set(parts.map(({ event }) => event))]
  const ownTypes = OWN_TYPES[entity]
  const hasOwnTypesOnly = ownTypes !== undefined && eventTypes?.every((eventType) => eventType.startsWith(ownTypes))
  return {
    eventTypes,
    entitySql: hasOwnTypesOnly ? (entity === 'message' ? 'entity_id' : RUN_SQL) : ENTITY_SQL[entity],
    maskSql: maskSql(undefined),
    classMasksSql: dependsOnClass ? `[${ACTOR_CLASSES.map(maskSql).join(', ')}]` : undefined,
    isDecidedByRank: !dependsOnClass && steps.every((one) => steps.every((other) => areAlike(one, other))),
    rankSql: `multiIf(${parts
      .slice(0, steps.length)
      .map((part) => `${conditionSql(part, undefined)}, ${part.bit}`)
      .join(', ')}, ${steps.length})`,
    exclusionsSql: [
      'toUInt8(0)',
      ...parts
        .slice(steps.length)
        .map((part) => `${conditionSql(part, undefined)} * ${2 ** (part.bit - FIRST_EXCLUSION)}`),
    ].join(' + '),
    localTime,
    parameters: {
      ...eventParameters,
      ...localTime.parameters,
      ...Object.assign({}, ...parts.map(({ filter, name }) => filterParameters(filter, name))),
    },
  }
}

/** The steps that an event of a rank matches, as bits, where the rank decides it. */
export function stepsOfRank({ steps }: FunnelQuery, rank: number): number {
  const lowest = steps[rank]
  if (lowest === undefined) return 0
  return steps.reduce((bits, step, index) => bits | (step.event === lowest.event ? 1 << index : 0), 0)
}

/** Whether no event can match only one of the two steps, or none can match both. */
function areAlike(one: { event: string; filter: FilterTree | undefined }, other: typeof one): boolean {
  return one.event !== other.event || JSON.stringify(one.filter ?? null) === JSON.stringify(other.filter ?? null)
}

const constantColumn = (value: ActorClass | undefined) =>
  value === undefined ? { sql: "''", existsSql: '0' } : presentColumn(`'${value}'`)

/** Whether the funnel asks for classes of actors. */
export function needsClasses({ steps, exclusions, breakdown }: FunnelQuery): boolean {
  return (
    breakdown?.dimension === 'actorClass' || [...steps, ...exclusions].some(({ filter }) => dependsOn(filter, CLASS))
  )
}
