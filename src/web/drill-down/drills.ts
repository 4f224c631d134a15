/** The searches behind the numbers of a view. */
import type { FilterTree } from '../../analytics/filter/filter-tree.ts'
import type { DimensionName } from '../../analytics/dimensions.ts'
import { type Drill, drillOf } from '../../analytics/drill-down/drill.ts'
import type { TimeRange } from '../../analytics/time/time-range.ts'

/** The part of a view that a number belongs to. */
interface Part {
  /** Undefined for the number itself, where it is not 0. */
  readonly value?: number | null | undefined
  readonly keys?: Readonly<Partial<Record<DimensionName, string | number | null>>>
  /** A bucket of the range. */
  readonly range?: TimeRange
}

/** Makes the searches behind the numbers of a view, all with its filters and inside its range. */
export interface Drills {
  /** The same for the same filters and range. */
  readonly key: string
  /** The search behind a number of a metric; undefined where there is none, and where the number is 0. */
  of(metric: string, part?: Part): Drill | undefined
}

/** The searches behind the numbers of a response, from its own search. */
export function drillsOf({ body }: Drill): Drills {
  const { filter, startDate, endDate, timezone } = body as {
    readonly filter?: FilterTree
    readonly startDate: string
    readonly endDate: string
    readonly timezone: string
  }
  const whole = { start: Date.parse(startDate), end: Date.parse(endDate) }
  return {
    key: JSON.stringify([filter, startDate, endDate, timezone]),
    of(metric, { value, keys, range = whole } = {}) {
      const cut = { start: Math.max(whole.start, range.start), end: Math.min(whole.end, range.end) }
      if (value === 0 || value === null || cut.start > cut.end) return undefined
      return drillOf(metric, { range: cut, timezone, filter, keys })
    },
  }
}
