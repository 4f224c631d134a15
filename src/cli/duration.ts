/** Lengths of time as the commands read them: `30m`, `24h`, `90d`, `12w`. */

export const SECOND_MS = 1_000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

const UNIT_MS = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS } as const

export type DurationUnit = keyof typeof UNIT_MS

/** Milliseconds of a whole number of one of the units; undefined when the text is something else. At most six digits. */
export function parseDuration(text: string, units: readonly DurationUnit[]): number | undefined {
  const [, amount, unitText] = /^(\d{1,6})([a-z])$/.exec(text) ?? []
  const unit = units.find((candidate) => candidate === unitText)
  return unit === undefined ? undefined : Number(amount) * UNIT_MS[unit]
}
