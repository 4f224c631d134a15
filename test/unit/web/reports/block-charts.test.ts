import { describe, expect, test } from 'bun:test'
import { ALL_DASHBOARDS } from '../../../../src/analytics/dashboards/dashboards.ts'
import { QUERY_SCHEMA as schema } from '../../../../src/analytics/custom-query/query-response.ts'
import type { BlockRequest } from '../../../../src/reports/report.ts'
import {
  dashboardBody,
  DASHBOARDS,
  drawnChart,
  possibleCharts,
} from '../../../../src/web/reports/blocks/block-charts.ts'
import { withPreset } from '../../../../src/web/reports/blocks/block-range.ts'

const query = (body: object, chart = 'table') => ({ title: 'A', kind: 'query', body, chart }) as BlockRequest

describe('the charts of a block', () => {
  test('of a query are those that can show it', () => {
    expect(possibleCharts(query({ metrics: ['messages'] }), schema)).toEqual(['number', 'table'])
    expect(possibleCharts(query({ metrics: ['messages'], granularity: 'day' }), schema)).toEqual(['line', 'table'])
    expect(possibleCharts(query({ metrics: ['messages'], dimensions: ['channel'] }), schema)).toEqual(['bar', 'table'])
  })

  test('of a funnel have lines where it is divided by time', () => {
    const funnel = (body: object) => possibleCharts({ kind: 'funnel', body: { ...body } }, schema)
    expect(funnel({})).not.toContain('line')
    expect(funnel({ trend: 'day' })).toContain('line')
  })

  test('a chart that other clients have stored, and that cannot draw the block, is replaced', () => {
    expect(drawnChart(query({ metrics: ['messages'], granularity: 'day' }, 'heatmap'), schema)).toBe('line')
    expect(drawnChart(query({ metrics: ['messages'], granularity: 'day' }, 'table'), schema)).toBe('table')
  })

  test('every dashboard of the service can be a block', () => {
    expect(DASHBOARDS.toSorted()).toEqual(ALL_DASHBOARDS.map(({ name }) => name).toSorted() as never)
  })

  test('the heat map of traffic asks for hours, and its other charts for days', () => {
    const hours = dashboardBody('traffic', 'heatmap', { timeRange: '7d' })
    expect(hours).toEqual({ dashboard: 'traffic', timeRange: '7d', granularity: 'hour' })
    expect(dashboardBody('traffic', 'line', hours)).toEqual({ ...hours, granularity: 'day' })
  })

  test('a preset takes the place of fixed dates', () => {
    const body = { metrics: ['messages'], startDate: '2026-01-01', endDate: '2026-01-31' }
    expect(withPreset(body, '30d')).toEqual({ metrics: ['messages'], timeRange: '30d' })
  })
})
