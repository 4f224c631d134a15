import { describe, expect, test } from 'bun:test'
import { metricColumn, rateOrNoData } from '../../../src/web/metrics/message-metrics.ts'

describe('a rate of nothing', () => {
  test('is no data, unlike a rate of 0', () => {
    const { value } = metricColumn('openRate')
    const row = (delivered: number, openRate: number) => ({ delivered, openRate })
    expect([row(0, 0), row(4, 0), row(4, 25)].map(value)).toEqual([null, 0, 25])
    expect([rateOrNoData(0, 0), rateOrNoData(0, 4)]).toEqual([null, 0])
  })

  test('is the number of the service in rows without the denominator', () => {
    expect(metricColumn('openRate').value({ openRate: 12.5 })).toBe(12.5)
  })
})

test('a count of 0 is a number', () => {
  const row = { delivered: 0, sent: 0 }
  expect([metricColumn('sent').value(row), metricColumn('delivered').value(row)]).toEqual([0, 0])
})
