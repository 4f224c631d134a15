/** Runs a funnel. */
import { rate } from '../rates.ts'
import { findEntityNames } from '../query/entity-names.ts'
import { bucketTimestamp } from '../time/buckets.ts'
import type { KeyValue } from '../filter/dimension-columns.ts'
import type { NamedEntity } from '../../events/event-row.ts'
import { FUNNEL_LIMITS, type FunnelQuery, NO_VALUE, OTHER_VALUES } from './funnel-request.ts'
import type { FunnelData } from './funnel-response.ts'
import type { FunnelNumbers, TimeQuantiles } from './funnel-totals.ts'
import { memberDrills } from './members/member-drills.ts'
import type { FunnelSource } from './read-events.ts'
import { readNumbers } from './read-numbers.ts'
import { trendBuckets } from './trend-buckets.ts'

const NAMED: readonly string[] = ['campaign', 'workflow', 'sequence', 'template'] satisfies NamedEntity[]

/** The numbers of a funnel at an instant. Rejects with a StoreFailure. */
export async function runFunnel(
  source: FunnelSource,
  tenantId: string,
  query: FunnelQuery,
  until: number,
): Promise<FunnelData> {
  const buckets = query.trend ? trendBuckets(query.range, query.trend, query.zone) : undefined
  const numbers = await readNumbers(source, tenantId, query, until, buckets?.starts ?? [])
  const { entered, reached, times, overall } = numbers
  const last = reached.at(-1)!
  const drillOf = memberDrills(query, until)
  return {
    entered,
    excluded: numbers.excluded,
    excludedDrill: drillOf({ state: 'excluded' }),
    open: numbers.open,
    openDrill: drillOf({ state: 'open' }),
    steps: query.steps.map(({ name, event }, step) => ({
      name,
      event,
      count: reached[step]!,
      conversionFromFirst: rate(reached[step]!, entered),
      conversionFromPrevious: step === 0 ? null : rate(reached[step]!, reached[step - 1]!),
      droppedOff: step === 0 ? 0 : reached[step - 1]! - reached[step]!,
      ...secondsOf(times[step]),
      drill: drillOf({ state: 'reached', step: step + 1 }),
      ...(step === 0 ? {} : { droppedOffDrill: drillOf({ state: 'droppedOff', step: step + 1 }) }),
    })),
    overall: { conversionRate: rate(last, entered), ...secondsOf(overall) },
    ...(query.breakdown ? { breakdown: await breakdownOf(source, tenantId, query, numbers) } : {}),
    ...(buckets
      ? {
          trend: numbers.byBucket.map((bucket, index) => ({
            timestamp: bucketTimestamp(buckets.starts[index]!, query.trend!, query.zone),
            entered: bucket.entered,
            converted: bucket.converted,
            conversionRate: rate(bucket.converted, bucket.entered),
            complete: buckets.ends[index]! + query.windowMs <= until,
          })),
        }
      : {}),
  }
}

function secondsOf(times: TimeQuantiles | undefined) {
  return { medianSeconds: times ? times.median / 1000 : null, p90Seconds: times ? times.p90 / 1000 : null }
}

/** The values of a breakdown that have rows of their own: the most frequent ones. */
export function shownValues(byValue: FunnelNumbers['byValue']): KeyValue[] {
  return [...byValue]
    .filter(([value]) => value !== null)
    .toSorted(([a, [countA]], [b, [countB]]) => countB! - countA! || (isBefore(a!, b!) ? -1 : 1))
    .slice(0, FUNNEL_LIMITS.breakdownValues)
    .map(([value]) => value)
}

function isBefore(a: string | number, b: string | number): boolean {
  return typeof a === 'number' && typeof b === 'number' ? a < b : String(a) < String(b)
}

async function breakdownOf(
  { port }: FunnelSource,
  tenantId: string,
  { breakdown }: FunnelQuery,
  { byValue, reached }: FunnelNumbers,
): Promise<NonNullable<FunnelData['breakdown']>> {
  const shown = shownValues(byValue)
  const { dimension } = breakdown!
  const isNamed = NAMED.includes(dimension)
  const nameOf = isNamed
    ? await findEntityNames(port, tenantId, dimension as NamedEntity, shown.map(String))
    : undefined
  const rowOf = (key: string | number, steps: readonly number[]) => ({
    key,
    ...(nameOf && typeof key === 'string' && key !== NO_VALUE && key !== OTHER_VALUES ? { name: nameOf(key) } : {}),
    steps: [...steps],
  })
  const rows = shown.map((value) => rowOf(value!, byValue.get(value)!))
  const none = byValue.get(null)
  const rest = reached.map(
    (total, step) =>
      total - (none?.[step] ?? 0) - shown.reduce<number>((sum, value) => sum + byValue.get(value)![step]!, 0),
  )
  if (rest[0]! > 0) rows.push(rowOf(OTHER_VALUES, rest))
  if (none) rows.push(rowOf(NO_VALUE, none))
  return rows
}
