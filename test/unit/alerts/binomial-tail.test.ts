import { describe, expect, test } from 'bun:test'
import { binomialTail } from '../../../src/alerts/detectors/binomial-tail.ts'
import { fc } from '../../support/base/properties.ts'

/** The tail as a ratio of whole numbers, for p = `numerator` ÷ `denominator`, with 25 digits. */
function exactTail(k: number, n: number, numerator: number, denominator: number): number {
  const [p, q] = [BigInt(numerator), BigInt(denominator - numerator)]
  let [choose, sum] = [1n, 0n]
  for (let i = 0; i <= n; i++) {
    if (i >= k) sum += choose * p ** BigInt(i) * q ** BigInt(n - i)
    choose = (choose * BigInt(n - i)) / BigInt(i + 1)
  }
  const total = BigInt(denominator) ** BigInt(n)
  // With 25 digits, so that small tails keep theirs.
  if (sum === 0n) return 0
  const digitsOf = (value: bigint) => value.toString().length
  const scale = 25 + Math.max(0, digitsOf(total) - digitsOf(sum))
  return Number(`${(sum * 10n ** BigInt(scale)) / total}e-${scale}`)
}

describe('the upper tail of the binomial distribution', () => {
  // Cumulative probabilities of J. L. Devore, Probability and Statistics for Engineering and the Sciences, table A.1.
  test.each([
    [10, 0.5, 7, 0.945],
    [15, 0.4, 6, 0.61],
    [20, 0.3, 5, 0.416],
    [25, 0.1, 4, 0.902],
    [25, 0.5, 12, 0.5],
  ])('n = %p, p = %p: P(X ≤ %p) is %p in printed tables', (n, p, k, printed) => {
    expect(1 - binomialTail(k + 1, n, p)).toBeCloseTo(printed, 3)
  })

  // Calculated with rational numbers of unlimited precision (Python, fractions).
  test.each([
    [25, 10_000, 0.001, 0.46439220088507e-4],
    [130, 100_000, 0.001, 0.2271263865780819e-2],
    [1, 100_000, 0.00001, 0.6321223982334277],
    [5_200, 10_000, 0.5, 0.3296757799336221e-4],
    [60, 20_000, 0.003, 0.5172465549284523],
    [45, 20_000, 0.003, 0.981163717176661],
    [3, 3_000, 0.0001, 0.3596659704359687e-2],
  ])('P(X ≥ %p) of n = %p with p = %p', (k, n, p, exact) => {
    expect(Math.abs(binomialTail(k, n, p) / exact - 1)).toBeLessThan(1e-12)
  })

  test('equals the exact sum for every small case', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }).chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n }))),
        fc.integer({ min: 1, max: 999 }),
        ([n, k], thousandths) => {
          const exact = exactTail(k, n, thousandths, 1_000)
          const tail = binomialTail(k, n, thousandths / 1_000)
          expect(Math.abs(tail - exact)).toBeLessThanOrEqual(
            1e-11 * Math.min(1, exact + 1e-12) + 1e-300 + exact * 1e-11,
          )
        },
      ),
      { numRuns: 100 },
    )
  })

  test('falls with k, rises with p, and is complementary, for n in the millions too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 50_000_000 }),
        fc.double({ min: 1e-6, max: 0.9, noNaN: true }),
        fc.double({ min: -6, max: 6, noNaN: true }),
        (n, p, deviations) => {
          const k = Math.min(n, Math.max(0, Math.round(n * p + deviations * Math.sqrt(n * p * (1 - p)))))
          const tail = binomialTail(k, n, p)
          expect(tail).toBeWithin(0, 1 + Number.EPSILON)
          expect(binomialTail(k + 1, n, p)).toBeLessThanOrEqual(tail)
          expect(binomialTail(k, n, Math.min(1, p * 1.01))).toBeGreaterThanOrEqual(tail)
          expect(Math.abs(tail + binomialTail(n - k + 1, n, 1 - p) - 1)).toBeLessThan(1e-8)
        },
      ),
    )
  })

  test('has its limits at the edges', () => {
    expect([binomialTail(0, 10, 0.3), binomialTail(11, 10, 0.3), binomialTail(5, 5, 1), binomialTail(2, 9, 0)]).toEqual(
      [1, 0, 1, 0],
    )
  })
})
