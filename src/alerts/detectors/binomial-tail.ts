/**
 * The upper tail of the binomial distribution. Its largest term comes from the saddle-point expansion of C. Loader, "Fast and Accurate Computation of Binomial Probabilities"
 * (2000), which R's `dbinom` uses too: it has no cancellation, also where n is in the millions. The other terms follow from their ratios, so that neither very small tails nor
 * those near 1 lose digits.
 */

/** P(X ≥ k) for X with the binomial distribution of n trials with probability p. `k` and `n` are whole, `n` at least 0, `p` from 0 to 1. */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1
  if (k > n || p <= 0) return 0
  if (p >= 1) return 1
  return k > n * p ? upperTail(k, n, p) : 1 - lowerTail(k - 1, n, p)
}

/** The sum from `k` upwards, where each term is smaller than the one before. */
function upperTail(k: number, n: number, p: number): number {
  const odds = p / (1 - p)
  let [term, sum] = [1, 1]
  for (let i = k; i < n && term > sum * Number.EPSILON; i++) {
    term *= ((n - i) / (i + 1)) * odds
    sum += term
  }
  return Math.min(1, probability(k, n, p) * sum)
}

/** The sum from `k` downwards. */
function lowerTail(k: number, n: number, p: number): number {
  const odds = (1 - p) / p
  let [term, sum] = [1, 1]
  for (let i = k; i > 0 && term > sum * Number.EPSILON; i--) {
    term *= (i / (n - i + 1)) * odds
    sum += term
  }
  return Math.min(1, probability(k, n, p) * sum)
}

/** P(X = k) by Loader's expansion. */
function probability(k: number, n: number, p: number): number {
  const q = 1 - p
  if (k === 0) return Math.exp(n * Math.log1p(-p))
  if (k === n) return Math.exp(n * Math.log(p))
  const exponent =
    stirlingError(n) - stirlingError(k) - stirlingError(n - k) - deviance(k, n * p) - deviance(n - k, n * q)
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * k * (n - k)))
}

/** log n! minus Stirling's formula for it: of small n from the factorial, of others from the series (Loader, section 2). */
function stirlingError(n: number): number {
  if (n < 16) return LOG_FACTORIALS[n]! - (n + 0.5) * Math.log(n) + n - 0.5 * Math.log(2 * Math.PI)
  const square = n * n
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n
}

const LOG_FACTORIALS = Array.from({ length: 16 }, (_, n) => {
  let factorial = 1
  for (let i = 2; i <= n; i++) factorial *= i
  return Math.log(factorial)
})

/** x·log(x ÷ mean) + mean − x. Near the mean by a series, as the terms would cancel out (Loader, section 3). */
function deviance(x: number, mean: number): number {
  const difference = x - mean
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - difference
  const v = difference / (x + mean)
  const square = v * v
  let sum = difference * v
  let power = 2 * x * v
  for (let divisor = 3; ; divisor += 2) {
    power *= square
    const next = sum + power / divisor
    if (next === sum) return sum
    sum = next
  }
}
