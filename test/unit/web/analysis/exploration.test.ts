import { Value } from '@sinclair/typebox/value'
import { describe, expect, test } from 'bun:test'
import { QUERY_METRIC_NAMES, refusedPairs } from '../../../../src/analytics/custom-query/metric-sources.ts'
import { QueryRequest, resolveQuery } from '../../../../src/analytics/custom-query/query-request.ts'
import { QUERY_SCHEMA } from '../../../../src/analytics/custom-query/query-response.ts'
import { DIMENSION_NAMES } from '../../../../src/analytics/dimensions.ts'
import {
  changed,
  type Exploration,
  formatExploration,
  parseExploration,
  queryBodyOf,
} from '../../../../src/web/explorer/exploration.ts'
import { METRIC_GROUPS, metricsByGroup } from '../../../../src/web/explorer/query-schema.ts'
import { chartOf, pairsOf, restrictionOfChart, restrictionOfMetric } from '../../../../src/web/explorer/restrictions.ts'
import type { Filter } from '../../../../src/web/filters/filter.ts'
import { parseViewState } from '../../../../src/web/state/view-state.ts'

const WHOLE: Exploration = {
  metrics: ['sent', 'humanOpenRate'],
  dimensions: ['campaign', 'channel'],
  granularity: 'week',
  chart: 'table',
  having: [{ metric: 'sent', operator: 'gte', value: 10.5 }],
  order: { by: 'campaign', direction: 'asc' },
  pageSize: 25,
  page: { cursor: 'abc', number: 3 },
}
const parse = (text: string | undefined) => parseExploration(text, QUERY_SCHEMA)

describe('an exploration', () => {
  test('is the same after it was in the address', () => {
    for (const exploration of [WHOLE, parse(undefined), { ...parse(undefined), dimensions: ['link' as const] }])
      expect(parse(formatExploration(exploration))).toEqual(exploration)
  })

  test.each(['', 'null', '[]', '{"metrics":"sent"}', '{"metrics":["shoes"]}', '{'])('of %j is the usual one', (text) =>
    expect(parse(text)).toEqual(parse(undefined)),
  )

  test('leaves out what the service does not know', () => {
    const text = JSON.stringify({
      metrics: ['sent', 'shoes', 'sent'],
      by: ['shoe', 'channel'],
      granularity: 'minute',
      chart: 'pie',
      having: [{ metric: 'opened', operator: 'gte', value: 1 }, { metric: 'sent', operator: 'gte', value: '1' }, 7],
      order: { by: 'timestamp', direction: 'asc' },
      rows: 7,
      cursor: 3,
    })
    expect(parse(text)).toEqual({
      metrics: ['sent'],
      dimensions: ['channel'],
      granularity: undefined,
      chart: undefined,
      having: [],
      order: undefined,
      pageSize: 100,
      page: undefined,
    })
  })

  test('begins at its first page after a change, without what has lost its metric', () => {
    expect(changed(WHOLE, { metrics: ['humanOpenRate'] })).toEqual({
      ...WHOLE,
      metrics: ['humanOpenRate'],
      having: [],
      page: undefined,
    })
    expect(changed(WHOLE, { dimensions: [] }).order).toBeUndefined()
  })

  test('is a query that the service accepts', () => {
    const viewState = parseViewState('?range=30d&zone=Europe/Paris&compare=year&align=date', 'UTC')
    const filter = { dimension: 'template', operator: 'exists' } as const
    const body = queryBodyOf(WHOLE, viewState, filter, false)
    expect([...Value.Errors(QueryRequest, body)]).toEqual([])
    expect(resolveQuery(body, Date.UTC(2026, 5, 1))).toMatchObject({
      metrics: WHOLE.metrics,
      dimensions: WHOLE.dimensions,
      having: WHOLE.having,
      orderBy: [WHOLE.order],
      totals: true,
    })
    expect([body.limit, body.cursor]).toEqual([25, 'abc'])
    const whole = queryBodyOf(WHOLE, viewState, undefined, true)
    expect([whole.limit, 'cursor' in whole, 'filter' in whole]).toEqual([1_000, false, false])
  })
})

describe('the restrictions of the explorer', () => {
  test('are those of the service, for every metric and dimension', () => {
    for (const metric of QUERY_METRIC_NAMES)
      for (const dimension of DIMENSION_NAMES) {
        const filters: Filter[] = [{ dimension, operator: 'exists', values: [] }]
        const mine = pairsOf(QUERY_SCHEMA, { metrics: [metric], dimensions: [dimension], filters })
        const theirs = refusedPairs([metric], [dimension], new Set([dimension]))
        expect(mine.map(({ kind }) => kind)).toEqual(
          theirs.map(({ field }) => (field === 'filter' ? 'filtered' : 'divided')),
        )
      }
  })

  test('keep one metric and at most ten', () => {
    const chosen = { dimensions: [], filters: [] }
    const ten = QUERY_METRIC_NAMES.slice(0, 10)
    const of = (name: (typeof ten)[number], metrics: typeof ten) =>
      restrictionOfMetric(QUERY_SCHEMA, name, { ...chosen, metrics })
    expect(of('sent', ['sent'])).toEqual({ kind: 'onlyMetric' })
    expect(of(QUERY_METRIC_NAMES[10]!, ten)).toEqual({ kind: 'mostMetrics', most: 10 })
    expect(of(ten[3]!, ten)).toBeUndefined()
  })

  test.each([
    [{ dimensions: [], granularity: undefined }, 'number'],
    [{ dimensions: [], granularity: 'day' }, 'line'],
    [{ dimensions: ['campaign'], granularity: undefined }, 'bar'],
    [{ dimensions: ['campaign'], granularity: 'day', chart: 'bar' }, 'line'],
    [{ dimensions: [], granularity: 'day', chart: 'table' }, 'table'],
    [{ dimensions: [], granularity: 'day', metrics: ['medianSecondsToOpen'] }, 'table'],
    [{ dimensions: [], granularity: 'day', having: WHOLE.having }, 'table'],
  ] as [Partial<Exploration>, string][])('show %j as %s', (next, chart) => {
    const exploration = { ...parse(undefined), chart: undefined, ...next }
    expect(chartOf(QUERY_SCHEMA, exploration)).toBe(chart as 'table')
    expect(restrictionOfChart(QUERY_SCHEMA, 'table', exploration)).toBeUndefined()
  })

  test('have every metric in one group of the choice', () => {
    const groups = metricsByGroup(QUERY_SCHEMA)
    expect(groups.map(([group]) => group)).toEqual([...METRIC_GROUPS])
    expect(groups.every(([, members]) => members.length > 0)).toBe(true)
    expect(groups.flatMap(([, members]) => members.map(({ name }) => name)).toSorted()).toEqual(
      [...QUERY_METRIC_NAMES].toSorted(),
    )
  })
})
