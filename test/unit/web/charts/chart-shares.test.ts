import { describe, expect, test } from 'bun:test'
import { funnelShares } from '../../../../src/web/charts/funnel-shares.ts'
import { quantileBounds, shadeOf } from '../../../../src/web/charts/quantiles.ts'

describe('shades by quantiles', () => {
  test('an outlier takes one shade, and the other values share the rest', () => {
    const values = [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100_000]
    const bounds = quantileBounds(values, 5)
    expect(bounds).toEqual([2, 4, 6, 8, 100_000])
    expect(values.map((value) => shadeOf(value, bounds))).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
  })

  test('repeated values need fewer shades', () => {
    expect(quantileBounds([0, 3, 3, 3, 3, 3], 5)).toEqual([3])
    expect(quantileBounds([1, 1, 1, 1, 9], 5)).toEqual([1, 9])
  })

  test('zeros alone have no shades', () => {
    expect(quantileBounds([0, 0, 0], 5)).toEqual([])
    expect(quantileBounds([], 5)).toEqual([])
    expect(shadeOf(0, [])).toBe(0)
  })

  test('the largest value has the last shade', () => {
    const values = Array.from({ length: 168 }, (_, index) => (index * 37) % 101)
    const bounds = quantileBounds(values, 5)
    expect(bounds.at(-1)).toBe(Math.max(...values))
    expect(shadeOf(Math.max(...values), bounds)).toBe(bounds.length)
  })
})

describe('the shares of funnel steps', () => {
  test('each step is compared with the first and the one before', () => {
    expect(funnelShares([100, 60, 15])).toEqual([
      { ofLargest: 1, ofFirst: 1, change: undefined },
      { ofLargest: 0.6, ofFirst: 0.6, change: { count: -40, share: -0.4 } },
      { ofLargest: 0.15, ofFirst: 0.15, change: { count: -45, share: -0.75 } },
    ])
  })

  test('a step may be larger than the one before', () => {
    expect(funnelShares([50, 100]).map(({ ofLargest }) => ofLargest)).toEqual([0.5, 1])
    expect(funnelShares([50, 100])[1]?.change).toEqual({ count: 50, share: 1 })
  })

  test('nothing is divided by zero', () => {
    expect(funnelShares([0, 4, 0, 0])).toEqual([
      { ofLargest: 0, ofFirst: undefined, change: undefined },
      { ofLargest: 1, ofFirst: undefined, change: { count: 4, share: undefined } },
      { ofLargest: 0, ofFirst: undefined, change: { count: -4, share: -1 } },
      { ofLargest: 0, ofFirst: undefined, change: { count: 0, share: undefined } },
    ])
    expect(funnelShares([0])).toEqual([{ ofLargest: 0, ofFirst: undefined, change: undefined }])
    expect(funnelShares([])).toEqual([])
  })
})
