/** Random legal queries: the metrics of one family or of several, with dimensions and filters that all of them may have. */
import { QUERY_METRIC_NAMES, QUERY_METRICS } from '../../../../src/analytics/custom-query/metric-sources.ts'
import { DIMENSION_NAMES, type DimensionName } from '../../../../src/analytics/dimensions.ts'
import type { Chance } from '../../base/random.ts'
import type { Filter, Query } from './query-answer.ts'
import { dateOf, DAY_MS, type Granularity, localDay } from '../zone.ts'

/** The values that filters choose from, by dimension. */
export type FilterValues = Readonly<Record<DimensionName, readonly (string | number)[]>>

const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Havana']
const OWN_DIMENSIONS: readonly DimensionName[] = ['actorClass', 'link', 'bounceClass']

export function randomQuery(chance: Chance, nowMs: number, values: FilterValues): Query {
  const first = chance.pick(QUERY_METRIC_NAMES)
  const wanted = chance.hits(0.75) ? chance.below(3) + (chance.hits(0.3) ? 1 : 0) : 0
  const dimensions: DimensionName[] = []
  for (const dimension of shuffled(chance, QUERY_METRICS[first].dimensions))
    if (dimensions.length < wanted) dimensions.push(dimension)
  const others = shuffled(chance, QUERY_METRIC_NAMES).filter(
    (name) => name !== first && dimensions.every((each) => QUERY_METRICS[name].dimensions.includes(each)),
  )
  const metrics = [first, ...others.slice(0, chance.below(4))]
  const filterable = DIMENSION_NAMES.filter(
    (name) => !OWN_DIMENSIONS.includes(name) || metrics.every((each) => QUERY_METRICS[each].dimensions.includes(name)),
  )
  const timezone = chance.pick(ZONES)
  const day = (daysAgo: number) => dateOf(localDay(nowMs, timezone) - daysAgo)
  const instant = (daysAgo: number) => new Date(nowMs - daysAgo * DAY_MS - chance.below(DAY_MS)).toISOString()
  const query: Query = {
    metrics,
    timezone,
    ...chance.pick([
      { timeRange: '7d' },
      { timeRange: '30d' },
      { startDate: day(20), endDate: day(3) },
      { startDate: instant(17), endDate: instant(2) },
    ]),
    totals: chance.hits(0.5),
  }
  if (dimensions.length > 0) query.dimensions = dimensions
  if (chance.hits(0.6)) query.filter = randomFilter(chance, filterable, values, 0)
  if (chance.hits(0.4)) {
    const choices: readonly Granularity[] = [
      'day',
      'week',
      'month',
      ...(dimensions.length > 0 ? [] : ['hour' as const]),
    ]
    query.granularity = chance.pick(choices)
  }
  if (chance.hits(0.4)) {
    query.compare = chance.pick(['previous', 'year'] as const)
    if (chance.hits(0.5)) query.align = chance.pick(['weekday', 'date'] as const)
  }
  if (chance.hits(0.3))
    query.having = [
      {
        metric: chance.pick(metrics),
        operator: chance.pick(['gt', 'gte', 'lt', 'lte', 'eq'] as const),
        value: chance.below(4),
      },
    ]
  return query
}

export function randomFilter(
  chance: Chance,
  dimensions: readonly DimensionName[],
  values: FilterValues,
  depth: number,
): Filter {
  const inner = () => randomFilter(chance, dimensions, values, depth + 1)
  if (depth < 3 && chance.hits(0.5))
    return chance.pick([
      () => ({ and: [inner(), inner()] }),
      () => ({ or: [inner(), inner()] }),
      () => ({ not: inner() }),
    ])()
  const dimension = chance.pick(dimensions)
  const operator = chance.pick(['in', 'in', 'notIn', 'exists'] as const)
  if (operator === 'exists') return { dimension, operator }
  return { dimension, operator, values: shuffled(chance, values[dimension]).slice(0, 1 + chance.below(3)) }
}

function shuffled<Item>(chance: Chance, items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: chance.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
