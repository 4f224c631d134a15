/**
 * The state of the page as its address contains it: a link shows the same view to every user, and the back button restores the previous view.
 */
import { GRANULARITIES, type Granularity } from '../../analytics/time/buckets.ts'
import { ALIGNMENTS, type Alignment } from '../../analytics/time/comparison-range.ts'
import { TIME_RANGE_PRESETS, type TimeRangePreset } from '../../analytics/time/time-range.ts'
import { CHANNELS } from '../../base/channels.ts'
import { findTimeZone } from '../../base/time-zone.ts'
import { ENGLISH } from '../messages/en.ts'
import { type DateRange, dateRangeProblemOf } from './date-range.ts'
import { currentZoneName } from './zone-names.ts'

export type ViewId = keyof typeof ENGLISH.views
/** All views, in the order of the navigation. */
export const VIEW_IDS = Object.keys(ENGLISH.views) as ViewId[]

/** What the range can be compared with; the first one without a choice. */
export const VIEW_COMPARISONS = ['previous', 'year', 'none'] as const

export interface ViewState {
  readonly view: ViewId
  readonly range: TimeRangePreset
  /** Takes precedence over the preset. */
  readonly dates: DateRange | undefined
  readonly zone: string
  readonly channel: string | undefined
  /** Undefined means the default of the range. */
  readonly granularity: Granularity | undefined
  readonly compare: (typeof VIEW_COMPARISONS)[number]
  readonly align: Alignment
  /** The one campaign, workflow, … that is shown. */
  readonly id: string | undefined
  /** The selected tenant, for tokens that allow several tenants. */
  readonly tenant: string | undefined
}

/** Parses the query string of an address; ignores invalid values. */
export function parseViewState(search: string, browserZone: string): ViewState {
  const parameters = new URLSearchParams(search)
  const text = (name: string) => parameters.get(name) || undefined
  const dates = { start: text('start') ?? '', end: text('end') ?? '' }
  return {
    view: VIEW_IDS.find((id) => id === text('view')) ?? 'overview',
    range: TIME_RANGE_PRESETS.find((preset) => preset === text('range')) ?? '7d',
    dates: dateRangeProblemOf(dates) === undefined ? dates : undefined,
    zone: currentZoneName(
      [text('zone'), browserZone].find((name) => name !== undefined && findTimeZone(name)) ?? 'UTC',
    ),
    channel: CHANNELS.find((channel) => channel === text('channel')),
    granularity: GRANULARITIES.find((granularity) => granularity === text('granularity')),
    compare: VIEW_COMPARISONS.find((compare) => compare === text('compare')) ?? VIEW_COMPARISONS[0],
    align: ALIGNMENTS.find((align) => align === text('align')) ?? ALIGNMENTS[0],
    id: text('id'),
    tenant: text('tenant'),
  }
}

/** Formats the query string of an address, without undefined values and without the usual comparison. */
export function formatViewState({ range, dates, compare, align, id, tenant, ...others }: ViewState): string {
  const { view, zone, channel, granularity } = others
  const values = {
    view,
    ...(dates ?? { range }),
    zone,
    channel,
    granularity,
    compare: compare === VIEW_COMPARISONS[0] ? undefined : compare,
    align: align === ALIGNMENTS[0] ? undefined : align,
    id,
    tenant,
  }
  const pairs = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined)
  // The slash of a zone stays unencoded, which a query allows and which is easier to read.
  return `?${new URLSearchParams(pairs).toString().replaceAll('%2F', '/')}`
}
