/** A page of the search of events. */
import type { Clock } from '../../base/clock.ts'
import { ApiFailure } from '../../base/errors.ts'
import type { TimeZone } from '../../base/time-zone.ts'
import { eventFilterSql } from './filter-columns.ts'
import type { FilterTree } from '../filter/filter-tree.ts'
import type { DimensionName } from '../dimensions.ts'
import { type QueryPort, tenantQuery } from '../query/tenant-query.ts'
import type { TimeRange } from '../time/time-range.ts'
import { type EventClasses, readEventClasses } from './event-classes.ts'
import {
  type EventPosition,
  EventReader,
  type EventSelection,
  type FoundEvent,
  type SearchOrder,
} from './event-search.ts'
import { eventValuesOf } from './dimension-values.ts'
import type { HistoryEvent, MessageHistories } from './messages/message-history.ts'
import { accepts, dependsOn, type SqlCondition } from './search-filter.ts'
import type { Snapshots } from './snapshot.ts'

export interface EventSearch {
  readonly tenantId: string
  readonly range: TimeRange
  readonly zone: TimeZone
  readonly filter?: FilterTree | undefined
  readonly eventTypes?: readonly string[] | undefined
  readonly messageId?: string | undefined
  readonly contactId?: string | undefined
  readonly order: SearchOrder
  readonly limit: number
  /** Where the page before ended; undefined for the first page. */
  readonly continuation?: EventContinuation | undefined
}

export interface EventContinuation {
  readonly after: EventPosition
  /** The snapshot of the first page. */
  readonly storedUntil: number
  /** The time that the page before covered. */
  readonly windowMs: number
}

export interface EventPage {
  readonly events: readonly FoundEvent[]
  readonly classes: EventClasses
  /** Undefined on the last page. */
  readonly next: EventContinuation | undefined
  /** The events of the search that were stored after the first page was requested. */
  readonly newer: number
}

export interface EventSearchSource {
  readonly port: QueryPort
  readonly snapshots: Snapshots
  readonly histories: MessageHistories
  /** The number of the rules in the rows of facts; undefined while there are none. */
  readonly rules: number | undefined
  readonly clock: Pick<Clock, 'monotonic'>
  /** The present, epoch milliseconds. */
  readonly now: number
}

/** The dimensions that are no column. */
const CLASSES: ReadonlySet<DimensionName> = new Set(['actorClass'])
const FIRST_WINDOW_MS = 3_600_000
const MIN_WINDOW_MS = 60_000
const MAX_BATCH = 5_000
const BATCH_GROWTH = 4
/** The events of a rare class are looked for so long. */
const MAX_SEARCH_MS = 15_000

/** Reads a page. Rejects with a StoreFailure, and with QUERY_TIMEOUT when too few events have the class that the filter asks for. */
export async function searchEvents(source: EventSearchSource, search: EventSearch): Promise<EventPage> {
  const { continuation, limit, order } = search
  const storedUntil = continuation?.storedUntil ?? (await source.snapshots.latestOf(search.tenantId, source.now))
  if (storedUntil < 0) return { events: [], classes: new Map(), next: undefined, newer: 0 }
  const selection = { tenantId: search.tenantId, range: search.range, storedUntil, ...conditionsOf(search) }
  const after = continuation?.after
  const windowMs = isSelective(search) ? Infinity : (continuation?.windowMs ?? FIRST_WINDOW_MS)
  const reader = new EventReader(source.port, { ...selection, order, after, windowMs, now: source.now })
  const [page, newer] = await Promise.all([
    readMatching(source, search, reader),
    continuation ? countNewer(source, search, selection) : 0,
  ])
  const events = page.events.slice(0, limit)
  const last = events.at(-1)
  if (page.events.length <= limit || !last) return { events, classes: page.classes, next: undefined, newer }
  const coveredMs = Math.abs(last.occurred_ms - (after?.at ?? events[0]!.occurred_ms))
  return {
    events,
    classes: page.classes,
    next: {
      after: { at: last.occurred_ms, id: last.event_id },
      storedUntil,
      windowMs: Math.max(MIN_WINDOW_MS, 2 * coveredMs),
    },
    newer,
  }
}

/** The events of a page in order, and one more where there is a next page. */
async function readMatching(source: EventSearchSource, search: EventSearch, reader: EventReader) {
  const { filter, limit, zone, tenantId } = search
  const classSource = { ...source, tenantId }
  if (!dependsOn(filter, CLASSES)) {
    const events = await reader.next(limit + 1)
    return { events, classes: await readEventClasses(classSource, events.slice(0, limit)) }
  }
  const events: FoundEvent[] = []
  const classes = new Map<string, HistoryEvent>()
  const startedAt = source.clock.monotonic()
  for (
    let count = 2 * limit;
    events.length <= limit && !reader.isAtEnd;
    count = Math.min(MAX_BATCH, count * BATCH_GROWTH)
  ) {
    if (source.clock.monotonic() - startedAt > MAX_SEARCH_MS) throw tooFewMatches()
    const candidates = await reader.next(count)
    const found = await readEventClasses(classSource, candidates)
    for (const event of candidates) {
      const verdict = found.get(event.event_id)
      if (!accepts(filter, eventValuesOf(event, verdict, zone))) continue
      events.push(event)
      if (verdict) classes.set(event.event_id, verdict)
    }
  }
  return { events, classes }
}

function tooFewMatches(): ApiFailure {
  return new ApiFailure('QUERY_TIMEOUT', 'The search took too long. Ask for a shorter range or fewer conditions.')
}

/** The conditions of a search in the store. A filter on the class accepts more events there. */
function conditionsOf({ filter, eventTypes, messageId, contactId, zone, range }: EventSearch): SqlCondition {
  const own = eventFilterSql(filter, { zone, range })
  let { sql } = own
  const parameters = { ...own.parameters }
  if (eventTypes !== undefined) {
    sql += ' AND event_type IN {eventTypes:Array(String)}'
    parameters['eventTypes'] = eventTypes
  }
  if (messageId !== undefined) {
    sql += ` AND entity_id = {messageId:String} AND entity_type = 'message'`
    parameters['messageId'] = messageId
  }
  if (contactId !== undefined) {
    sql += ' AND contact_id = {contactId:String}'
    parameters['contactId'] = contactId
  }
  return { sql, parameters }
}

/** Whether the index of the ids leaves so few rows that the whole range is read at once. */
function isSelective({ messageId, contactId }: EventSearch): boolean {
  return messageId !== undefined || contactId !== undefined
}

const newerSql = (conditions: string) => `
  SELECT count() AS events
  FROM analytics_events WHERE tenant_id = {tenant:String} AND occurred_at >= fromUnixTimestamp64Milli({from:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({to:Int64})
    AND ingested_at > fromUnixTimestamp64Milli({storedUntil:Int64})${conditions}
  SETTINGS optimize_use_projections = 0`

async function countNewer(source: EventSearchSource, search: EventSearch, selection: EventSelection): Promise<number> {
  const { tenantId, range, storedUntil, sql, parameters } = selection
  if (dependsOn(search.filter, CLASSES)) return countNewerMatching(source, search, selection)
  const query = tenantQuery<{ events: number }>('events_newer', newerSql(sql), {
    ...parameters,
    from: range.start,
    to: range.end,
    storedUntil,
  })
  return (await source.port.query(tenantId, query))[0]!.events
}

/** The same where the filter asks for classes: the newer events are read in batches. */
async function countNewerMatching(source: EventSearchSource, search: EventSearch, selection: EventSelection) {
  const { storedUntil } = selection
  const reader = new EventReader(source.port, {
    ...selection,
    storedUntil: Number.MAX_SAFE_INTEGER,
    sql: `${selection.sql} AND ingested_at > fromUnixTimestamp64Milli({storedAfter:Int64})`,
    parameters: { ...selection.parameters, storedAfter: storedUntil },
    order: 'desc',
    after: undefined,
    windowMs: Infinity,
    now: source.now,
  })
  let newer = 0
  while (!reader.isAtEnd) {
    const candidates = await reader.next(MAX_BATCH)
    const classes = await readEventClasses({ ...source, tenantId: search.tenantId }, candidates)
    for (const event of candidates)
      if (accepts(search.filter, eventValuesOf(event, classes.get(event.event_id), search.zone))) newer++
  }
  return newer
}

/** Whether the tenant has any event of the contact. Rejects with a StoreFailure. */
export async function hasContact(port: QueryPort, tenantId: string, contactId: string): Promise<boolean> {
  const query = tenantQuery<{ found: number }>('contact_exists', CONTACT_SQL, { contactId })
  return (await port.query(tenantId, query)).length > 0
}

const CONTACT_SQL = `
  SELECT 1 AS found
  FROM analytics_events WHERE tenant_id = {tenant:String} AND contact_id = {contactId:String}
  LIMIT 1
  SETTINGS optimize_use_projections = 0`
