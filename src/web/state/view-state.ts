/**
 * The state of the page as its address contains it: a link shows the same view to every user, and the back button restores the previous view.
 */
import { ENGAGEMENT_RATES, type EngagementRateName } from '../../analytics/engagement/engagement-metrics.ts'
import { GRANULARITIES, type Granularity } from '../../analytics/time/buckets.ts'
import { ALIGNMENTS, type Alignment } from '../../analytics/time/comparison-range.ts'
import { TIME_RANGE_PRESETS, type TimeRangePreset } from '../../analytics/time/time-range.ts'
import { findTimeZone } from '../../base/time-zone.ts'
import {
  formatShownDrill,
  type OpenedItem,
  parseOpenedItem,
  parseShownDrill,
  type ShownDrill,
} from '../drill-down/drill-state.ts'
import { type Filter, formatFilters, parseFilters } from '../filters/filter.ts'
import { ENGLISH } from '../messages/en.ts'
import { type DateRange, dateRangeProblemOf } from './date-range.ts'
import { currentZoneName } from './zone-names.ts'

export type ViewId = keyof typeof ENGLISH.views
/** All views, in the order of the navigation. */
export const VIEW_IDS = Object.keys(ENGLISH.views) as ViewId[]

/** What the range can be compared with; the first one without a choice. */
export const VIEW_COMPARISONS = ['previous', 'year', 'custom', 'none'] as const

export interface ViewState {
  readonly view: ViewId
  readonly range: TimeRangePreset
  /** Takes precedence over the preset. */
  readonly dates: DateRange | undefined
  readonly zone: string
  /** What narrows the numbers of all views, as far as each view can apply it. */
  readonly filters: readonly Filter[]
  /** Undefined means the default of the range. */
  readonly granularity: Granularity | undefined
  readonly compare: (typeof VIEW_COMPARISONS)[number]
  readonly align: Alignment
  /** The days that a custom comparison compares with; undefined for the others. */
  readonly compareDates: DateRange | undefined
  /** The rate that a list is ordered by; undefined for its usual order. */
  readonly sort: EngagementRateName | undefined
  /** The one campaign, workflow, … that is shown. */
  readonly id: string | undefined
  /** What the view shows, in the form of that view; undefined for what it shows at first. */
  readonly definition: string | undefined
  /** The selected tenant, for tokens that allow several tenants. */
  readonly tenant: string | undefined
  /** The search behind a number, which is shown in place of the view. */
  readonly drill: ShownDrill | undefined
  /** The one message or contact that is shown in place of both. */
  readonly opened: OpenedItem | undefined
}

/** Parses the query string of an address; ignores invalid values. */
export function parseViewState(search: string, browserZone: string): ViewState {
  const parameters = new URLSearchParams(search)
  const text = (name: string) => parameters.get(name) || undefined
  const validDates = (start: string, end: string) => {
    const dates = { start: text(start) ?? '', end: text(end) ?? '' }
    return dateRangeProblemOf(dates) === undefined ? dates : undefined
  }
  const compareDates = text('compare') === 'custom' ? validDates('compareStart', 'compareEnd') : undefined
  const compare = VIEW_COMPARISONS.find((each) => each === text('compare')) ?? VIEW_COMPARISONS[0]
  return {
    view: VIEW_IDS.find((id) => id === text('view')) ?? 'overview',
    range: TIME_RANGE_PRESETS.find((preset) => preset === text('range')) ?? '7d',
    dates: validDates('start', 'end'),
    zone: currentZoneName(
      [text('zone'), browserZone].find((name) => name !== undefined && findTimeZone(name)) ?? 'UTC',
    ),
    filters: parseFilters(parameters),
    granularity: GRANULARITIES.find((granularity) => granularity === text('granularity')),
    // Days are missing from an incomplete address.
    compare: compare === 'custom' && !compareDates ? VIEW_COMPARISONS[0] : compare,
    align: ALIGNMENTS.find((align) => align === text('align')) ?? ALIGNMENTS[0],
    compareDates,
    sort: (Object.keys(ENGAGEMENT_RATES) as EngagementRateName[]).find((name) => name === text('sort')),
    id: text('id'),
    definition: text('definition'),
    tenant: text('tenant'),
    drill: parseShownDrill(text('drill')),
    opened: parseOpenedItem(text),
  }
}

/** Formats the query string of an address, without undefined values and without the usual comparison. */
export function formatViewState({
  range,
  dates,
  compare,
  compareDates,
  align,
  sort,
  id,
  definition,
  tenant,
  drill,
  opened,
  ...others
}: ViewState): string {
  const { view, zone, filters, granularity } = others
  const values = {
    view,
    ...(dates ?? { range }),
    zone,
    granularity,
    compare: compare === VIEW_COMPARISONS[0] ? undefined : compare,
    ...(compare === 'custom' && { compareStart: compareDates?.start, compareEnd: compareDates?.end }),
    align: align === ALIGNMENTS[0] ? undefined : align,
    sort,
    id,
    definition,
    tenant,
    drill: drill && formatShownDrill(drill),
    ...(opened && { [opened.kind]: opened.id }),
  }
  const pairs = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined)
  pairs.splice(pairs.findIndex(([name]) => name === 'zone') + 1, 0, ...formatFilters(filters))
  // Signs that a query allows stay unencoded, which is easier to read.
  return `?${new URLSearchParams(pairs).toString().replaceAll('%2F', '/').replaceAll('%2C', ',')}`
}
