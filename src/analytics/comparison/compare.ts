/** Reads both sides of a comparison and puts them together. */
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { retentionStart } from '../../base/retention.ts'
import type { FactsAsOf, FactsInProgress } from '../engagement/facts-as-of.ts'
import type { PageRequest } from '../query/list-page.ts'
import { hasEventIn, hasEventUntil } from '../query/coverage.ts'
import type { QueryPort } from '../query/tenant-query.ts'
import { formatInstant } from '../time/buckets.ts'
import { sidesAt } from '../time/comparison-range.ts'
import type { TimeRange } from '../time/time-range.ts'
import { type Change, changeOf } from './changes.ts'
import type { Comparison } from './comparison-request.ts'
import { totalsOf, type TotalsSchemas } from './compared-totals.ts'
import type { ComparisonData } from './comparison-schema.ts'
import { type DataSchema, itemSchemaOf, keyOf, type Pairing, pairedListsOf } from './paired-lists.ts'

/** A request for one side: the events of `range` count, and series have the buckets of `bucketRange`. */
export interface SideRequest extends PageRequest {
  readonly tenantId: string
  readonly range: TimeRange
  readonly bucketRange: TimeRange
  readonly facts?: FactsAsOf | FactsInProgress | undefined
}

/** A request that is compared, at the instant `asOf`. */
export interface ComparisonRequest {
  readonly comparison: Comparison
  readonly asOf: number
}

type Item = Readonly<Record<string, unknown>>
type Numbers = Readonly<Record<string, number | null>>

const ITEMS_PER_YIELD_CHECK = 1_000

/**
 * Reads a dashboard's data with its comparison. Both sides are read at the same time; the older one without the pages of its lists, and not at all where the dashboard has
 * nothing to compare. `read` reads one side. Rejects with a StoreFailure.
 */
export async function readCompared<Request extends SideRequest, Data extends object>(
  port: QueryPort,
  request: Request,
  { comparison, asOf }: ComparisonRequest,
  schema: DataSchema,
  read: (request: Request) => Promise<Data>,
): Promise<Data & { readonly comparison: ComparisonData<Numbers> }> {
  const { current, older, isPartial } = sidesAt(comparison, asOf)
  const { tenantId } = request
  const lists = pairedListsOf(schema, request)
  const totalsSchemas = totalsOf(schema)
  const olderRequest = {
    ...request,
    range: older,
    bucketRange: older,
    limit: 1,
    after: undefined,
    encodeCursor: undefined,
    // As old as the messages of the range are now.
    facts: request.facts && { ...request.facts, until: comparison.shift(asOf) },
  }
  // A range that ends at any instant is read from rows as well, which takes as long again. Events after the present are rare, so the whole range is usually the same.
  const readCurrent = async () => {
    const whole = await read(request)
    const hasLater = isPartial && (await hasEventIn(port, tenantId, { start: current.end + 1, end: request.range.end }))
    return hasLater ? read({ ...request, range: current }) : whole
  }
  const [data, olderData, isCovered] = await Promise.all([
    readCurrent(),
    Object.keys(totalsSchemas).length > 0 || lists.size > 0 ? read(olderRequest) : undefined,
    isCoveredFrom(port, tenantId, older.start, asOf),
  ])
  const paired = olderData ? await withPrevious(data, olderData, lists, schema) : data
  const { summary, engagement } = (olderData ?? {}) as Pick<ComparisonData<Numbers>, 'summary' | 'engagement'>
  return {
    ...paired,
    comparison: {
      timeRange: { start: formatInstant(older.start), end: formatInstant(older.end) },
      align: comparison.align,
      partial: isPartial,
      ...(isPartial ? { elapsedUntil: formatInstant(asOf) } : {}),
      coverage: isCovered ? 'complete' : 'incomplete',
      ...(summary && { summary }),
      ...(engagement && { engagement }),
      change: olderData ? changesOf(data, olderData, totalsSchemas) : {},
    },
  }
}

/** Whether there are events of the tenant, within the retention, from an instant on. */
export async function isCoveredFrom(port: QueryPort, tenantId: string, start: number, now: number): Promise<boolean> {
  return start >= retentionStart(now) && (await hasEventUntil(port, tenantId, start))
}

/** The change of each number of the totals that both sides have. */
function changesOf(current: object, older: object, schemas: TotalsSchemas): Record<string, Change> {
  const changes: Record<string, Change> = {}
  for (const [part, { properties }] of Object.entries(schemas)) {
    const [numbers, olderNumbers] = [current, older].map((data) => (data as Record<string, Numbers>)[part]!)
    for (const [name, schema] of Object.entries(properties)) {
      const [value, olderValue] = [numbers![name]!, olderNumbers![name]!]
      if (value !== null && olderValue !== null)
        changes[name] = changeOf(value, olderValue, schema['unit'] === 'percent')
    }
  }
  return changes
}

/** The data, whose paired lists have their older items. */
async function withPrevious<Data extends object>(
  data: Data,
  older: Data,
  lists: ReadonlyMap<string, Pairing>,
  { properties }: DataSchema,
): Promise<Data> {
  const [parts, olderParts] = [data, older] as unknown as Readonly<Record<string, readonly Item[]>>[]
  const slices = new TimeSlices()
  const paired: Record<string, Item[]> = {}
  for (const [name, pairing] of lists) {
    const key = keyOf(itemSchemaOf(properties[name])!)
    const olderItems = olderParts![name]!
    const byKey = new Map(pairing === 'place' ? [] : olderItems.map((item) => [item[key], item]))
    const items: Item[] = (paired[name] = [])
    for (const [index, item] of parts![name]!.entries()) {
      const previous = (pairing === 'place' ? olderItems[index] : byKey.get(item[key])) ?? null
      items.push({ ...item, previous })
      if (items.length % ITEMS_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
    }
  }
  return { ...data, ...paired }
}
