/** The drill of each item of a dashboard that counts messages. Which items these are, and what they count, follows from the schema of the data. */
import { type TProperties, type TSchema, Type, TypeGuard } from '@sinclair/typebox'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import type { TimeZone } from '../../base/time-zone.ts'
import { itemSchemaOf, keyOf } from '../comparison/paired-lists.ts'
import type { FilterLeaf, FilterTree } from '../filter/filter-tree.ts'
import { type DimensionFilters, type DimensionName, DIMENSIONS, FILTER_DIMENSIONS } from '../dimensions.ts'
import type { CountName } from '../metrics.ts'
import { object } from '../schemas.ts'
import { bucketStarts, type Granularity } from '../time/buckets.ts'
import type { TimeRange } from '../time/time-range.ts'
import { drillOf, itemKeys } from './drill.ts'
import { drillSchema } from './drill-schema.ts'

/** The fields with the number of messages sent, which come first in their items. */
const SENT_FIELDS = ['sent', 'usageCount', 'messageCount']

/** The dimension that the key of an item is a value of. Any other key is that of a time bucket. */
const DIMENSIONS_BY_KEY: Readonly<Record<string, DimensionName>> = {
  campaignId: 'campaign',
  templateId: 'template',
  channel: 'channel',
  hour: 'hourOfDay',
  day: 'dayOfWeek',
}

const ITEMS_PER_YIELD_CHECK = 1_000
/** The items of a longer series have no drill: it would make the response larger than what is kept for the next request. */
const MAX_SERIES_ITEMS = 1_000
const drillProperty = Type.Optional(drillSchema)

/** The properties of the data with a drill on each item that counts messages, and with one of the whole. */
export function withDrillProperties(properties: TProperties): TProperties {
  const parts = Object.entries(properties).map(([name, schema]) => [name, withDrillProperty(schema)] as const)
  return { ...Object.fromEntries(parts), drill: drillProperty }
}

function withDrillProperty(schema: TSchema): TSchema {
  const item = drillableItemOf(schema)
  if (!item) return schema
  const { title, description = '' } = item
  const withDrill = object({ ...item.properties, drill: drillProperty }, description, title)
  if (TypeGuard.IsArray(schema)) return { ...schema, items: withDrill }
  return Type.Record(Type.String(), withDrill, { description: schema.description ?? '' })
}

/** The schema of the items of a list or a record, where they count messages sent. */
function drillableItemOf(schema: TSchema) {
  const item = itemSchemaOf(schema) ?? recordItemOf(schema)
  return item && SENT_FIELDS.some((field) => field in item.properties) ? item : undefined
}

function recordItemOf(schema: TSchema) {
  if (!TypeGuard.IsRecord(schema)) return undefined
  const item = Object.values(schema.patternProperties)[0] as TSchema
  return TypeGuard.IsObject(item) ? item : undefined
}

/** What the numbers of a dashboard's response count. */
export interface DrilledRequest extends DimensionFilters {
  /** The range of the buckets. */
  readonly range: TimeRange
  /** The part of it whose events count. */
  readonly counted: TimeRange
  readonly zone: TimeZone
  readonly granularity?: Granularity | undefined
}

interface DrilledDashboard {
  readonly data: { readonly properties: TProperties }
  /** The condition of the messages that count at all. */
  readonly counted?: FilterLeaf
  /** What the dashboard counts, where that is not messages. */
  readonly mainCount?: CountName
}

type Item = Readonly<Record<string, unknown>>

/** The data with a drill on each item that counts messages, and with that of all that it counts: of its messages, runs or steps. */
export async function withDrills(
  { data: schema, counted, mainCount = 'sent' }: DrilledDashboard,
  data: object,
  request: DrilledRequest,
): Promise<object> {
  const query = { range: request.counted, timezone: request.zone.name, filter: filterOf(request, counted) }
  const drilled: Record<string, unknown> = { ...data, drill: drillOf(mainCount, query) }
  const slices = new TimeSlices()
  for (const [name, tableSchema] of Object.entries(schema.properties)) {
    const item = drillableItemOf(tableSchema)
    if (!item) continue
    if (TypeGuard.IsRecord(tableSchema)) {
      const record = drilled[name] as Readonly<Record<string, Item>>
      const entries = Object.entries(record).map(([channel, each]) => [
        channel,
        { ...each, drill: drillOf('sent', { ...query, keys: itemKeys('channel', channel) }) },
      ])
      drilled[name] = Object.fromEntries(entries)
      continue
    }
    const key = keyOf(item)
    const dimension = DIMENSIONS_BY_KEY[key]
    const buckets = dimension === undefined ? bucketRanges(request, tableGranularity(item, request)) : []
    if (buckets.length > MAX_SERIES_ITEMS) continue
    const items: Item[] = []
    for (const [index, each] of (drilled[name] as readonly Item[]).entries()) {
      const bucket = buckets[index]
      if (dimension !== undefined)
        items.push({
          ...each,
          drill: drillOf('sent', { ...query, keys: itemKeys(dimension, each[key] as string | number) }),
        })
      else items.push(bucket ? { ...each, drill: drillOf('sent', { ...query, range: bucket }) } : each)
      if ((index + 1) % ITEMS_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
    }
    drilled[name] = items
  }
  return drilled
}

/** Items with a date are days, whatever the request. */
function tableGranularity(
  item: { readonly properties: TProperties },
  { granularity = 'day' }: DrilledRequest,
): Granularity {
  return 'date' in item.properties ? 'day' : granularity
}

/** The part of each bucket whose events count; undefined for a bucket without one. */
function bucketRanges({ range, counted, zone }: DrilledRequest, granularity: Granularity): (TimeRange | undefined)[] {
  const starts = bucketStarts(range, granularity, zone)
  return starts.map((start, index) => {
    const part = {
      start: Math.max(counted.start, start),
      end: Math.min(counted.end, (starts[index + 1] ?? Infinity) - 1),
    }
    return part.start > part.end ? undefined : part
  })
}

function filterOf(request: DimensionFilters, counted: FilterLeaf | undefined): FilterTree | undefined {
  const leaves = FILTER_DIMENSIONS.flatMap((dimension): FilterLeaf[] => {
    const value = request[DIMENSIONS[dimension].parameter]
    return value === undefined ? [] : [{ dimension, operator: 'in', values: [value] }]
  })
  const all = counted === undefined ? leaves : [...leaves, counted]
  return all.length > 1 ? { and: all } : all[0]
}
