/**
 * What is being looked at, as the page's address says it: a link shows the same to whoever opens it, and the back button goes back.
 */
import type { Granularity } from '../../analytics/time/buckets.ts'
import { TIME_RANGE_PRESETS, type TimeRangePreset } from '../../analytics/time/time-range.ts'
import { findTimeZone } from '../../base/time-zone.ts'
import { currentZoneName } from '../zone-names.ts'
import { controlsOf, VIEW_IDS, type ViewId } from '../views/views.ts'
import { CHANNELS } from '../../base/channels.ts'

export interface ViewState {
  readonly view: ViewId
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
export function parseViewState(search: string, browserZone: string): ViewState {
  const parameters = new URLSearchParams(search)
  const text = (name: string) => parameters.get(name) || undefined
  const view = VIEW_IDS.find((id) => id === text('view')) ?? 'overview'
  const controls = controlsOf(view)
  const [start, end] = [text('start'), text('end')]
  const hasDates = start !== undefined && end !== undefined && DATE.test(start) && DATE.test(end)
  return {
    view,
    range: TIME_RANGE_PRESETS.find((preset) => preset === text('range')) ?? '7d',
    dates: hasDates ? { start, end } : undefined,
    zone: currentZoneName(
      [text('zone'), browserZone].find((name) => name !== undefined && findTimeZone(name)) ?? 'UTC',
    ),
    channel: CHANNELS.find((channel) => channel === text('channel')),
    granularity: controls.granularities.find((granularity) => granularity === text('granularity')),
    id: controls.entityFilter && text('id'),
    tenant: text('tenant'),
  }
}

/** The query string of an address, without what goes without saying. */
export function formatViewState({ view, range, dates, zone, channel, granularity, id, tenant }: ViewState): string {
  const values = { view, ...(dates ?? { range }), zone, channel, granularity, id, tenant }
  const pairs = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined)
  // A zone is easier to read with its slash, which a query may hold.
  return `?${new URLSearchParams(pairs).toString().replaceAll('%2F', '/')}`
}
