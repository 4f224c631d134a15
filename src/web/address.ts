/**
 * What is being looked at, as the page's address says it: a link shows the same to whoever opens it, and the back button goes back.
 */
import type { Granularity } from '../analytics/buckets.ts'
import { TIME_RANGE_PRESETS, type TimeRangePreset } from '../analytics/time-range.ts'
import { findZone } from '../zone.ts'
import { currentZoneName } from './zone-names.ts'
import { CHANNELS, VIEW_NAMES, type ViewName, VIEWS } from './views.ts'

export interface Asked {
  readonly view: ViewName
  readonly range: TimeRangePreset
  /** Local dates (2026-01-31); both or none. They win over the preset. */
  readonly dates: { readonly start: string; readonly end: string } | undefined
  readonly zone: string
  readonly channel: string | undefined
  /** Undefined = whatever suits the range. */
  readonly granularity: Granularity | undefined
  /** The one campaign, workflow, … that is shown. */
  readonly id: string | undefined
  /** Whose numbers, for tokens that are for several tenants. */
  readonly tenant: string | undefined
}

const DATE = /^\d{4}-\d\d-\d\d$/

/** Reads an address; what makes no sense is as if it were not there. */
export function readAddress(search: string, ownZone: string): Asked {
  const parameters = new URLSearchParams(search)
  const text = (name: string) => parameters.get(name) || undefined
  const view = VIEW_NAMES.find((name) => name === text('view')) ?? 'overview'
  const [start, end] = [text('start'), text('end')]
  const hasDates = start !== undefined && end !== undefined && DATE.test(start) && DATE.test(end)
  return {
    view,
    range: TIME_RANGE_PRESETS.find((preset) => preset === text('range')) ?? '7d',
    dates: hasDates ? { start, end } : undefined,
    zone: currentZoneName([text('zone'), ownZone].find((name) => name !== undefined && findZone(name)) ?? 'UTC'),
    channel: CHANNELS.find((channel) => channel === text('channel')),
    granularity: VIEWS[view].granularities.find((granularity) => granularity === text('granularity')),
    id: VIEWS[view].one && text('id'),
    tenant: text('tenant'),
  }
}

/** The query string of an address, without what goes without saying. */
export function writeAddress({ view, range, dates, zone, channel, granularity, id, tenant }: Asked): string {
  const said = { view, ...(dates ?? { range }), zone, channel, granularity, id, tenant }
  const pairs = Object.entries(said).filter((pair): pair is [string, string] => pair[1] !== undefined)
  // A zone is easier to read with its slash, which a query may hold.
  return `?${new URLSearchParams(pairs).toString().replaceAll('%2F', '/')}`
}
