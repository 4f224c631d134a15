/** The answer of a query, calculated slowly from the events that were sent: every group is a list of events and messages. */
import { countOfRows } from './query-counts.ts'
import { derivedValuesOf, type History, type Row, type SentMessage } from '../history.ts'
import { slowEngagement, slowFacts } from '../messages/message-engagement.ts'
import { olderRangeOf } from '../older-range.ts'
import { type RangeQuery, resolveRange } from '../range.ts'
import {
  bucketStart,
  bucketStarts,
  type Granularity,
  instantText,
  localDay,
  localHour,
  type Range,
  weekdayOf,
} from '../zone.ts'

export type Value = string | number | null
export type Filter =
  | { and: Filter[] }
  | { or: Filter[] }
  | { not: Filter }
  | { dimension: string; operator: 'in' | 'notIn' | 'exists'; values?: (string | number)[] }

export interface Query extends RangeQuery {
  metrics: string[]
  dimensions?: string[]
  filter?: Filter
  timezone?: string
  granularity?: Granularity
  compare?: 'previous' | 'year'
  align?: 'weekday' | 'date'
  having?: { metric: string; operator: 'gt' | 'gte' | 'lt' | 'lte' | 'eq'; value: number }[]
  totals?: boolean
}

export type Values = Record<string, number | null>
export interface SlowRow {
  keys: Record<string, Value>
  values: Values
  previous?: Values | null
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const ENGAGEMENT = Object.keys(slowEngagement([]))
const ACTIONS: Readonly<Record<string, string>> = { uniqueOpens: 'message_opened', uniqueClicks: 'message_clicked' }

/** The value of a dimension of an event. */
export function valueOf(history: History, row: Row, dimension: string, zone: string): Value {
  if (dimension === 'hourOfDay') return localHour(row.atMs, zone)
  if (dimension === 'dayOfWeek') return WEEKDAYS[weekdayOf(localDay(row.atMs, zone))]!
  if (dimension === 'actorClass') return /^message_(opened|clicked)$/.test(row.type) ? history.classOf(row) : null
  const derived: Readonly<Record<string, Value>> = derivedValuesOf(row)
  return derived[dimension] ?? (row as unknown as Readonly<Record<string, Value | undefined>>)[dimension] ?? null
}

export function passes(filter: Filter | undefined, of: (dimension: string) => Value): boolean {
  if (!filter) return true
  if ('and' in filter) return filter.and.every((each) => passes(each, of))
  if ('or' in filter) return filter.or.some((each) => passes(each, of))
  if ('not' in filter) return !passes(filter.not, of)
  const value = of(filter.dimension)
  const isOneOf = value !== null && (filter.values ?? []).map(String).includes(String(value))
  return filter.operator === 'exists' ? value !== null : filter.operator === 'in' ? isOneOf : !isOneOf
}

function leaves(filter: Filter | undefined): string[] {
  if (!filter) return []
  if ('and' in filter) return filter.and.flatMap(leaves)
  if ('or' in filter) return filter.or.flatMap(leaves)
  return 'not' in filter ? leaves(filter.not) : [filter.dimension]
}

interface Slow {
  readonly history: History
  readonly query: Query
  readonly zone: string
  readonly range: Range
  readonly untilMs: number
}

/** The groups of one range, by their keys as JSON. */
function groupsOf({ history, query, zone, range, untilMs }: Slow, isWhole: boolean): Map<string, Values> {
  const { metrics, filter } = query
  const dimensions = isWhole ? [] : (query.dimensions ?? [])
  const granularity = isWhole ? undefined : query.granularity
  const isInside = (atMs: number) => atMs >= range.startMs && atMs <= range.endMs
  const keyOf = (of: (dimension: string) => Value, atMs: number) =>
    JSON.stringify({
      ...Object.fromEntries(dimensions.map((dimension) => [dimension, of(dimension)])),
      ...(granularity ? { timestamp: instantText(bucketStart(atMs, granularity, zone)) } : {}),
    })
  const groups = new Map<string, Values>()
  const set = (key: string, name: string, value: number | null) => {
    const values = groups.get(key) ?? {}
    groups.set(key, values)
    values[name] = value
  }
  const events = Map.groupBy(
    history.rows.filter((row) => isInside(row.atMs) && passes(filter, (name) => valueOf(history, row, name, zone))),
    (row) => keyOf((name) => valueOf(history, row, name, zone), row.atMs),
  )
  for (const [key, rows] of events)
    for (const name of metrics) if (!ENGAGEMENT.includes(name)) set(key, name, countOfRows(name, rows))

  const engagement = metrics.filter((name) => ENGAGEMENT.includes(name))
  if (engagement.length === 0) return groups
  const messages = history.messages.filter(({ sending }) => isInside(sending.atMs))
  const isOfActions = [...dimensions, ...leaves(filter)].some((name) => name === 'actorClass' || name === 'link')
  if (isOfActions) {
    for (const name of engagement) {
      const keys = messages.flatMap((message) => [
        ...new Set(
          message.rows
            .filter((row) => row.type === ACTIONS[name] && row.atMs <= untilMs)
            .map((row) => (dimension: string) => ofMessage(history, message, row, dimension, zone, untilMs))
            .filter((of) => passes(filter, of))
            .map((of) => keyOf(of, message.sending.atMs)),
        ),
      ])
      for (const [key, found] of Map.groupBy(keys, (each) => each)) set(key, name, found.length)
    }
    return groups
  }
  const byKey = Map.groupBy(
    messages.filter((message) =>
      passes(filter, (name) => ofMessage(history, message, message.sending, name, zone, untilMs)),
    ),
    (message) =>
      keyOf((name) => ofMessage(history, message, message.sending, name, zone, untilMs), message.sending.atMs),
  )
  for (const [key, found] of byKey) {
    const all: Readonly<Record<string, number | null>> = slowEngagement(
      found.map((message) => message.events),
      untilMs,
    )
    for (const name of engagement) set(key, name, all[name]!)
  }
  return groups
}

/** The value of a dimension of a message: that of its sending, but for what its opens, clicks and bounces say. */
function ofMessage(
  history: History,
  message: SentMessage,
  row: Row,
  dimension: string,
  zone: string,
  untilMs: number,
): Value {
  if (dimension === 'bounceClass') return slowFacts(message.events, untilMs).bounceClass ?? null
  const isOfAction = dimension === 'actorClass' || dimension === 'link'
  return valueOf(history, isOfAction ? row : message.sending, dimension, zone)
}

const CONDITIONS = {
  gt: (a: number, b: number) => a > b,
  gte: (a: number, b: number) => a >= b,
  lt: (a: number, b: number) => a < b,
  lte: (a: number, b: number) => a <= b,
  eq: (a: number, b: number) => a === b,
}

/** The rows by their keys as JSON, in no order, and the totals. */
export function slowQuery(history: History, query: Query, asOfMs: number) {
  const zone = query.timezone ?? 'UTC'
  const range = resolveRange(query, '30d', zone, asOfMs)
  const isPartial = query.compare !== undefined && range.endMs > asOfMs
  const current: Slow = {
    history,
    query,
    zone,
    range: isPartial ? { ...range, endMs: Math.min(range.endMs, asOfMs) } : range,
    untilMs: asOfMs,
  }
  const complete = (values: Values | undefined): Values =>
    Object.fromEntries(query.metrics.map((name) => [name, values?.[name] ?? (name.startsWith('median') ? null : 0)]))
  const { granularity } = query
  const isSeries = granularity !== undefined && (query.dimensions ?? []).length === 0
  const buckets = granularity ? bucketStarts(range, granularity, zone).map(instantText) : []
  const groups = groupsOf(current, false)
  if (isSeries)
    for (const timestamp of buckets) {
      const key = JSON.stringify({ timestamp })
      groups.set(key, groups.get(key) ?? {})
    }
  let previousOf: ((keys: Record<string, Value>) => Values | null) | undefined
  if (query.compare) {
    const { range: whole, shift } = olderRangeOf({
      range,
      isOfDates: query.startDate === undefined || !query.startDate.includes('T'),
      zone,
      compare: query.compare,
      align: query.align ?? 'weekday',
    })
    const older: Range = isPartial ? { ...whole, endMs: Math.min(whole.endMs, shift(asOfMs)) } : whole
    const olderGroups = groupsOf({ ...current, range: older, untilMs: shift(asOfMs) }, false)
    const olderBuckets = granularity ? bucketStarts(older, granularity, zone).map(instantText) : []
    previousOf = (keys) => {
      if (!granularity) return complete(olderGroups.get(JSON.stringify(keys)))
      const timestamp = olderBuckets[buckets.indexOf(String(keys['timestamp']))]
      return timestamp === undefined ? null : complete(olderGroups.get(JSON.stringify({ ...keys, timestamp })))
    }
  }
  const rows = [...groups].flatMap(([key, found]): SlowRow[] => {
    const values = complete(found)
    const keys = JSON.parse(key) as Record<string, Value>
    const hasValue = isSeries || Object.values(values).some((value) => value !== 0 && value !== null)
    const isKept = (query.having ?? []).every(({ metric, operator, value }) => {
      const own = values[metric]
      return typeof own === 'number' && CONDITIONS[operator](own, value)
    })
    return hasValue && isKept ? [{ keys, values, ...(previousOf ? { previous: previousOf(keys) } : {}) }] : []
  })
  return { rows, totals: query.totals ? complete([...groupsOf(current, true).values()][0]) : null }
}
