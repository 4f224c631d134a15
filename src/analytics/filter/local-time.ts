/** The local hour of the day and the local weekday of an instant, in SQL. */
import type { TimeZone } from '../../base/time-zone.ts'
import { QUARTER_HOUR_ROLL_UP } from '../query/roll-up.ts'
import type { TimeRange } from '../time/time-range.ts'

export interface LocalTime {
  /** From 0 to 23. `atSql` is the instant in epoch milliseconds. */
  hourOfDaySql(atSql: string): string
  /** From 0 for Monday. */
  dayOfWeekSql(atSql: string): string
  readonly parameters: Readonly<Record<string, number>>
  /** Whether all instants of a quarter of an hour have the same local hour. */
  readonly isAlignedWithQuarterHours: boolean
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** 1970 began on a Thursday. */
const FIRST_WEEKDAY = 3

/** Local times of the instants of a range. */
export function localTimeOf({ start, end }: TimeRange, zone: TimeZone): LocalTime {
  const segments = zone.segments(start, end)
  const parameters: Record<string, number> = {}
  const choices = segments.map(({ to, offsetMs }, index) => {
    parameters[`offset${index}`] = offsetMs
    const offset = `{offset${index}:Int64}`
    if (index === segments.length - 1) return () => offset
    parameters[`offsetUntil${index}`] = to
    return (atSql: string) => `${atSql} < {offsetUntil${index}:Int64}, ${offset}`
  })
  const localSql = (atSql: string) => {
    const branches = choices.map((choice) => choice(atSql)).join(', ')
    return `(${atSql} + ${choices.length === 1 ? branches : `multiIf(${branches})`})`
  }
  const isAligned = (instant: number) => instant % QUARTER_HOUR_ROLL_UP.stepMs === 0
  return {
    hourOfDaySql: (atSql) => `intDiv(positiveModulo(${localSql(atSql)}, ${DAY_MS}), ${HOUR_MS})`,
    dayOfWeekSql: (atSql) => `positiveModulo(intDiv(${localSql(atSql)}, ${DAY_MS}) + ${FIRST_WEEKDAY}, 7)`,
    parameters,
    isAlignedWithQuarterHours: segments.every(
      ({ to, offsetMs }, index) => isAligned(offsetMs) && (index === segments.length - 1 || isAligned(to)),
    ),
  }
}
