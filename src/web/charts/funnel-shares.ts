/** The numbers of a step of a funnel in relation to others. */
export interface FunnelShares {
  /** The length of the bar, as a share of the largest step. */
  readonly ofLargest: number
  /** Undefined where the first step is zero. */
  readonly ofFirst: number | undefined
  /** The difference from the step before; undefined for the first step. A negative count is a loss. The share is undefined where the step before is zero. */
  readonly change: { readonly count: number; readonly share: number | undefined } | undefined
}

/** The shares of each step. A step may be larger than the one before, because steps count events in the range and not the same people. */
export function funnelShares(values: readonly number[]): FunnelShares[] {
  const largest = Math.max(1, ...values)
  const first = values[0] ?? 0
  return values.map((value, index) => {
    const before = values[index - 1]
    return {
      ofLargest: value / largest,
      ofFirst: first > 0 ? value / first : undefined,
      change:
        before === undefined
          ? undefined
          : { count: value - before, share: before > 0 ? (value - before) / before : undefined },
    }
  })
}
