import type { Granularity } from '../analytics/buckets.ts'
import type { Asked } from './address.ts'
import { type Period, periodsOf, suitingGranularity } from './periods.ts'
import { VIEWS } from './views.ts'

const ROOT = 'api/v1/analytics/'

/** What the service is asked for a view, each as path and query below the service's own address. */
export interface Questions {
  readonly current: string
  /** The same of the days before. */
  readonly before: string
  /** By the hour, where the view needs that beside its own granularity. */
  readonly hourly: string
  readonly live: string
  readonly granularity: Granularity | undefined
}

export function questionsOf(asked: Asked, now: number): Questions {
  const { takesChannel, granularities, one } = VIEWS[asked.view]
  const { days, before } = periodsOf(asked, now)
  const granularity = asked.granularity ?? suitingGranularity(days, granularities)
  const range = asked.dates ? { startDate: asked.dates.start, endDate: asked.dates.end } : { timeRange: asked.range }
  const channel = takesChannel ? asked.channel : undefined
  const rest = { timezone: asked.zone, channel, granularity, ...(one ? { [one.parameter]: asked.id } : {}) }
  return {
    current: pathOf(asked.view, { ...range, ...rest }),
    before: pathOf(asked.view, { ...before, ...rest }),
    hourly: pathOf(asked.view, { ...range, ...rest, granularity: 'hour' }),
    live: pathOf('live', { ...range, timezone: asked.zone, channel }),
    granularity,
  }
}

type Parameters = Partial<Period> & Readonly<Record<string, string | undefined>>

function pathOf(name: string, parameters: Parameters): string {
  const pairs = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return `${ROOT}${name}?${new URLSearchParams(pairs).toString()}`
}
