/** `part` ÷ `whole` in percent, rounded to 2 decimals; 0 if `whole` is 0. Every rate is calculated by this function. */
export function rate(part: number, whole: number): number {
  // Number.EPSILON: a tie whose double is slightly too small is rounded up like other ties.
  return whole === 0 ? 0 : Math.round(((part / whole) * 100 + Number.EPSILON) * 100) / 100
}

/** The same in SQL, in hundredths of a percent, for lists that the store orders by a rate. `part` and `whole` are SQL expressions, never values of a request. */
export function rateHundredthsSql(part: string, whole: string): string {
  return `if(${whole} = 0, 0, toUInt64(floor((${part} / ${whole} * 100 + ${Number.EPSILON}) * 100 + 0.5)))`
}
