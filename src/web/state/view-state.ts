/**
 * The state of the view, stored in the address of the page: a link shows the same view to every user, and the back button restores the previous view.
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
  /** Local dates (2026-01-31); both or none. They take precedence over the preset. */
  readonly dates: { readonly start: string; readonly end: string } | undefined
  readonly zone: string
  readonly channel: string | undefined
  /** Undefined means the default of the range. */
  readonly granularity: Granularity | undefined
  /** The one campaign, workflow, … that is shown. */
  readonly id: string | undefined
  /** The selected tenant, for tokens that allow several tenants. */
  readonly tenant: string | undefined
}

const DATE = /^\d{4}-\d\d-\d\d$/

/** Parses an address; ignores invalid values. */
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

/** Formats the query string of an address, without default values. */
export function formatViewState({ view, range, dates, zone, channel, granularity, id, tenant }: ViewState): string {
  const values = { view, ...(dates ?? { range }), zone, channel, granularity, id, tenant }
  const pairs = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined)
  // The slash of a zone stays unencoded, which a query allows and which is easier to read.
  return `?${new URLSearchParams(pairs).toString().replaceAll('%2F', '/')}`
}
