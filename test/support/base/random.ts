/** A repeatable sequence of random numbers: the same seed gives the same numbers on every machine. */
export interface Chance {
  /** At least 0, below 1. */
  next(): number
  /** True in about `share` of all calls. */
  hits(share: number): boolean
  /** A whole number from 0 to `count` - 1. */
  below(count: number): number
  pick<T>(items: readonly T[]): T
}

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  // xorshift32 over a Weyl sequence: short, and sufficiently random for tests.
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(next() * count)
  return {
    next,
    below,
    hits: (share) => next() < share,
    pick(items) {
      const picked = items[below(items.length)]
      if (picked === undefined) throw new Error('There is nothing to pick from.')
      return picked
    },
  }
}
