/** Searches in words. */
import type { FilterTree } from '../../analytics/filter/filter-tree.ts'
import type { DimensionName } from '../../analytics/dimensions.ts'
import { ENGAGEMENT_COUNTS, type EngagementCountName } from '../../analytics/engagement/engagement-metrics.ts'
import type { MessageCondition } from '../../analytics/engagement/message-conditions.ts'
import { COUNTS } from '../../analytics/metrics.ts'
import { WEEKDAYS } from '../../analytics/time/buckets.ts'
import { findTimeZone, type TimeZone } from '../../base/time-zone.ts'
import { channelName } from '../format/channel-name.ts'
import { hourName, weekdayName } from '../format/dates.ts'
import { dateFormat } from '../format/locale.ts'
import { formatCount } from '../format/numbers.ts'
import { messages } from '../messages/messages.ts'
import { MESSAGES_PATH, type ShownDrill } from './drill-state.ts'
import { textOf, texts } from './texts/texts.ts'

type Body = Readonly<Record<string, unknown>>

/** The name of a value of a dimension, as far as it is known. */
export type NameOf = (dimension: DimensionName, id: string) => string | undefined

const MAX_VALUES = 3

/** What a search shows, such as "412 messages delivered". `count` is undefined where it is not known. */
export function describeSearch({ path, body, label }: ShownDrill, count: number | undefined): string {
  return path === MESSAGES_PATH ? describeMessages(body, count) : describeEvents(body, label, count)
}

function describeMessages(body: Body, count: number | undefined): string {
  const { messages: counted, someMessages, messagesThatAre, conditions } = texts()
  const words = (name: string) => listOf(body[name]).map((condition) => textOf(conditions, condition))
  const noun = count === undefined ? someMessages : counted(formatCount(count), count === 1)
  const are = words('status')
  // A search of messages finds those that were sent.
  return messagesThatAre(noun, (are.length === 0 ? [conditions.sent] : are).join(', '), words('not').join(', '))
}

function describeEvents(body: Body, label: string | undefined, count: number | undefined): string {
  const { events, someEvents, eventTypes } = texts()
  const types = listOf(body['eventTypes'])
  const [type] = types
  const noun =
    types.length === 1 && Object.hasOwn(eventTypes, type!) ? eventTypes[type as keyof typeof eventTypes] : undefined
  if (!noun) return count === undefined ? (label ?? someEvents) : events(formatCount(count), count === 1)
  if (count === undefined) return noun[1].charAt(0).toUpperCase() + noun[1].slice(1)
  return count === 1 ? `1 · ${noun[0]}` : `${formatCount(count)} ${noun[1]}`
}

/** The conditions and the range of a search, each in words. */
export function describeConditions({ body }: ShownDrill, zone: string, nameOf: NameOf): string[] {
  const { ids } = texts()
  const messageIds = listOf(body['messageIds'])
  return [
    ...describeFilter(body['filter'] as FilterTree | undefined, nameOf),
    ...(messageIds.length > 0 ? [ids(formatCount(messageIds.length))] : []),
    describeRange(body, zone),
  ]
}

function describeFilter(filter: FilterTree | undefined, nameOf: NameOf): string[] {
  if (filter === undefined) return []
  return 'and' in filter ? filter.and.flatMap((each) => describeFilter(each, nameOf)) : [describeNode(filter, nameOf)]
}

function describeNode(node: FilterTree, nameOf: NameOf): string {
  const { or, not, any, none, dimensions } = texts()
  if ('and' in node) return node.and.map((each) => describeNode(each, nameOf)).join(', ')
  if ('or' in node) return node.or.map((each) => describeNode(each, nameOf)).join(or)
  if ('not' in node) {
    if ('dimension' in node.not && node.not.operator === 'exists') return none(textOf(dimensions, node.not.dimension))
    return not(describeNode(node.not, nameOf))
  }
  const { dimension, operator, values = [] } = node
  const label = textOf(dimensions, dimension)
  if (operator === 'exists') return any(label)
  const names = values.slice(0, MAX_VALUES).map((value) => valueName(dimension, String(value), nameOf))
  const further = values.length > MAX_VALUES ? ` +${formatCount(values.length - MAX_VALUES)}` : ''
  const text = `${label} ${names.join(or)}${further}`
  return operator === 'in' ? text : not(text)
}

function valueName(dimension: DimensionName, value: string, nameOf: NameOf): string {
  switch (dimension) {
    case 'channel':
      return channelName(value)
    case 'hourOfDay':
      return hourName(Number(value))
    case 'dayOfWeek': {
      const weekday = WEEKDAYS.findIndex((each) => each === value)
      return weekday < 0 ? value : weekdayName(weekday, 'long')
    }
    case 'actorClass':
      return textOf(texts().actorClasses, value)
    case 'bounceClass':
      return textOf(texts().bounceClasses, value)
    default:
      return nameOf(dimension, value) ?? value
  }
}

/** The range: dates where it consists of whole days, otherwise with times. */
function describeRange(body: Body, viewZone: string): string {
  const { presets } = messages().dateRange
  const { startDate, endDate, timeRange, timezone } = body
  const timeZone = typeof timezone === 'string' && findTimeZone(timezone) ? timezone : viewZone
  const [start, end] = [startDate, endDate].map((date) => (typeof date === 'string' ? Date.parse(date) : Number.NaN))
  if (Number.isNaN(start) || Number.isNaN(end))
    return textOf(presets, typeof timeRange === 'string' ? timeRange : '30d')
  const zone = findTimeZone(timeZone)!
  const isWhole = isStartOfDay(zone, start!) && isStartOfDay(zone, end! + 1)
  const format = dateFormat({ dateStyle: 'medium', ...(isWhole ? {} : { timeStyle: 'short' }), timeZone })
  return format.formatRange(start!, end!)
}

function isStartOfDay(zone: TimeZone, instant: number): boolean {
  return zone.startOfDay(zone.localDate(instant)) === instant
}

/** The metric whose number the search is behind; undefined where it is behind none. */
export function metricOf({ path, body }: ShownDrill): string | undefined {
  if (path === MESSAGES_PATH) {
    const status = listOf(body['status'])
    if (status.length > 1 || listOf(body['not']).length > 0 || body['messageIds'] !== undefined) return undefined
    const condition = (status[0] ?? 'sent') as MessageCondition
    return (Object.keys(ENGAGEMENT_COUNTS) as EngagementCountName[]).find(
      (name) => ENGAGEMENT_COUNTS[name].condition === condition,
    )
  }
  const types = listOf(body['eventTypes'])
  if (types.length !== 1 || body['messageId'] !== undefined || body['contactId'] !== undefined) return undefined
  return Object.entries(COUNTS).find(
    ([, { kind, eventTypes }]) => kind === 'events' && eventTypes.length === 1 && eventTypes[0] === types[0],
  )?.[0]
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}
