/** `part` of `whole` in percent, rounded to 2 decimals, 0 when there is no whole: the one definition of every rate. */
export function rate(part: number, whole: number): number {
  // Number.EPSILON: small ties that a double holds a hair too low are rounded up like the others.
  return whole === 0 ? 0 : Math.round(((part / whole) * 100 + Number.EPSILON) * 100) / 100
}

/** The same in SQL, in hundredths of a percent, where the store has to order by it: `part` and `whole` are expressions in our own code. */
export function rateHundredthsSql(part: string, whole: string): string {
  return `if(${whole} = 0, 0, toUInt64(floor((${part} / ${whole} * 100 + ${Number.EPSILON}) * 100 + 0.5)))`
}
