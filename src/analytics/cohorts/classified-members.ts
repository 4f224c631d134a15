/**
 * Retention where the class of an open or click decides: it follows from all events of the message, so that the events of each contact are classified and folded here, contact by
 * contact, in batches of contacts.
 */
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { readEventClasses } from '../drill-down/event-classes.ts'
import type { MessageHistories } from '../drill-down/messages/message-history.ts'
import { type QueryPort, tenantQuery } from '../query/tenant-query.ts'
import type { RetentionCohorts } from './cohort-request.ts'
import { firstOfBucketsSql, membersParameters } from './retention-sql.ts'
import { ALL_CLASSES, EVENT_CLASSES, hasPlainStarts, type StepEvents } from './step-events.ts'

export interface ClassSource {
  readonly port: QueryPort
  readonly histories: MessageHistories
  /** The number of the rules in the rows of facts; undefined while there are none. */
  readonly rules: number | undefined
}

/** A contact in a cohort. Times are epoch milliseconds. */
export interface RetentionMember {
  readonly contact: string
  readonly started: number
  /** The index of the bucket. */
  readonly cohort: number
  /** The returns that count, ascending. */
  readonly later: readonly number[]
}

type EventTuple = readonly [at: number, id: string, type: string, entity: string, start: number, back: number]

interface ContactRow {
  readonly contact: string
  readonly events: readonly EventTuple[]
}

const CONTACTS_PER_YIELD_CHECK = 200

/** Calls `add` for the members of one batch of contacts. Rejects with a StoreFailure. */
export async function readClassifiedMembers(
  source: ClassSource,
  tenantId: string,
  query: RetentionCohorts,
  events: StepEvents,
  batch: number,
  add: (member: RetentionMember) => void,
): Promise<void> {
  const sql = contactsSql(query, events)
  const request = tenantQuery<ContactRow>('cohort_events', sql, { ...membersParameters(query, events), batch })
  const rows = await source.port.query(tenantId, request)
  const undecided = rows.flatMap((row) =>
    row.events
      .filter(([, , , , start, back]) => dependsOnClass(start) || dependsOnClass(back))
      .map(([at, id, type, entity]) => ({ event_id: id, event_type: type, entity_id: entity, occurred_ms: at })),
  )
  const classes = await readEventClasses({ ...source, tenantId }, undecided)
  const slices = new TimeSlices()
  for (const [index, { contact, events: tuples }] of rows.entries()) {
    const known = tuples.map(([at, id, , , start, back]): KnownEvent => {
      const place = EVENT_CLASSES.findIndex((name) => name === (classes.get(id)?.actorClass ?? ''))
      return { at, isStart: ((start >>> place) & 1) === 1, isReturn: ((back >>> place) & 1) === 1 }
    })
    for (const member of membersOf(query, known)) add({ contact, ...member })
    if ((index + 1) % CONTACTS_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
  }
}

/**
 * The events of each contact. Where no class decides which events are starts, and no event can be both, only the starts that make members are read: without their ids, so that they
 * come before the returns at the same time.
 */
function contactsSql(query: RetentionCohorts, events: StepEvents): string {
  const rowsSql = events.rowsSql(['toString(id) AS event_id', 'event_type', 'entity_id'], 'classes')
  const all =
    'groupArrayIf((at, event_id, event_type, entity_id, is_start, is_return), is_return != 0 OR is_start != 0)'
  if (!hasPlainStarts(query))
    return `
  SELECT contact, arraySort(${all}) AS events
  FROM ${rowsSql}
  GROUP BY contact`
  const starts =
    query.mode === 'firstTime'
      ? '[minIf(at, is_start != 0)]'
      : firstOfBucketsSql('arraySort(groupArrayIf(at, is_start != 0))')
  const returns = 'groupArrayIf((at, event_id, event_type, entity_id, is_start, is_return), is_return != 0)'
  return `
  SELECT contact, arraySort(arrayConcat(arrayMap(each -> (each, '', '', '', toUInt8(${ALL_CLASSES}), toUInt8(0)), ${starts}), ${returns})) AS events
  FROM ${rowsSql}
  GROUP BY contact HAVING countIf(is_start != 0) > 0${query.mode === 'firstTime' ? ' AND minIf(at, is_start != 0) >= {start:Int64}' : ''}`
}

function dependsOnClass(bits: number): boolean {
  return bits !== 0 && bits !== ALL_CLASSES
}

interface KnownEvent {
  readonly at: number
  readonly isStart: boolean
  readonly isReturn: boolean
}

/** The cohorts of a contact, whose events are in the order of (at, id). */
function membersOf(
  { range, edges, mode }: RetentionCohorts,
  events: readonly KnownEvent[],
): Omit<RetentionMember, 'contact'>[] {
  const members: Omit<RetentionMember, 'contact'>[] = []
  for (const [index, { at: started, isStart }] of events.entries()) {
    if (!isStart) continue
    const isInside = started >= range.start && started <= range.end
    const cohort = bucketIndexOf(edges, started)
    if (isInside && members.at(-1)?.cohort !== cohort) {
      const isLater = (event: KnownEvent, place: number) => event.isReturn && event.at >= started && place !== index
      members.push({ started, cohort, later: events.filter(isLater).map(({ at }) => at) })
    }
    if (mode === 'firstTime') break
  }
  return members
}

/** The index of the last edge that is not after the instant. */
export function bucketIndexOf(edges: readonly number[], at: number): number {
  let [low, high] = [0, edges.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (edges[middle]! <= at) low = middle + 1
    else high = middle
  }
  return low - 1
}
