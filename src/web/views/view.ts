import type { ComponentType } from 'preact'
import type { DashboardName, DataOf } from '../../analytics/dashboards/dashboards.ts'
import type { PageControls } from '../../analytics/dashboards/page-controls.ts'
import type { Granularity } from '../../analytics/time/buckets.ts'
import type { ApiClient, Parameters } from '../api/api-client.ts'
import type { Messages } from '../messages/message-types.ts'
import { controlsOf } from '../state/controls.ts'
import { type DashboardQueries, dashboardQueriesOf } from '../state/dashboard-queries.ts'
import type { ViewState } from '../state/view-state.ts'
import { olderDataOf } from '../metrics/older-data.ts'

export type ViewGroup = keyof Messages['viewGroups']

/** One page of the application. Its file in src/web/views has the name of its id and exports it as `view`; its title is in the messages. */
export interface View<Data = unknown> {
  /** The part of the navigation that the view belongs to. */
  readonly group: ViewGroup
  /** The drawing beside its title in the navigation: an SVG path on an area of 16 × 16. */
  readonly icon: string
  readonly controls: PageControls
  /** Reads everything that the view shows at a time. The parts are the same objects as before while they are unchanged. */
  load(request: LoadRequest): Promise<LoadedData<Data>>
  /** Whether the view is about what the tenant has saved: range, zone and filters of the page do not narrow it. */
  readonly isOfDefinitions?: boolean
  /** Whether the view has a file in a state; without it, in every one. */
  hasFile?(viewState: ViewState): boolean
  /** The request for a file of everything that is shown. */
  file(request: Pick<LoadRequest, 'api' | 'viewState' | 'now'>): FileRequest | Promise<FileRequest>
  /** Whether the data holds nothing to show. */
  isEmpty(data: Data): boolean
  /** What the data is compared with; undefined where it is not. */
  comparison(data: Data): ShownComparison | undefined
  readonly Content: ComponentType<ViewProps<Data>>
  /** The number of KPI cards, which the skeleton shows in advance. */
  readonly cardCount: number
  /** The same on the page of one campaign, workflow, …, where it differs. */
  readonly entityCardCount?: number
  /** The name of the one campaign, workflow, … that the data is about; undefined where nothing is known about it. */
  entityName?(data: Data): string | undefined
}

/** The controls of a view that none of the shared choices but range and zone narrows. */
export const NO_CONTROLS: PageControls = {
  takesChannel: false,
  granularities: [],
  sorts: [],
  entityFilter: undefined,
  takesLimit: false,
  takesComparison: false,
  takesFilters: false,
}

/** A request for a file, without its format. */
export interface FileRequest {
  /** The path below the API. */
  readonly path: string
  readonly parameters: Parameters
  /** The body of a `POST`; undefined for a `GET`. */
  readonly body?: object
}

/** The part of a comparison that the page names above the numbers. It has `engagement` where older messages count with what had happened to them after the same time. */
export type ShownComparison = Pick<
  NonNullable<DataOf<'overview'>['comparison']>,
  'timeRange' | 'elapsedUntil' | 'coverage'
> & { readonly engagement?: unknown }

export interface LoadRequest {
  readonly api: ApiClient
  readonly viewState: ViewState
  /** Epoch milliseconds. */
  readonly now: number
  readonly signal: AbortSignal
}

export interface LoadedData<Data> {
  readonly data: Data
  /** When the numbers were read, epoch milliseconds. */
  readonly asOf: number
}

export interface ViewProps<Data> {
  readonly data: Data
  readonly viewState: ViewState
  /** When the numbers were read, epoch milliseconds. Later buckets of a series have no data yet, and the bucket that contains it is incomplete. */
  readonly asOf: number
}

/** The data of a view of one dashboard. */
export interface DashboardData<Name extends DashboardName> {
  readonly current: DataOf<Name>
  /** The data of the older range, as far as it is compared; undefined without a comparison. */
  readonly previous: DataOf<Name> | undefined
  /** The current data by the hour, for views that need it. */
  readonly hourly: DataOf<Name> | undefined
  readonly granularity: Granularity
}

interface DashboardViewOptions<Name extends DashboardName> {
  readonly dashboard: Name
  /** `dashboards` by default. */
  readonly group?: ViewGroup
  readonly icon: string
  /** Whether the view also shows the same query by the hour. */
  readonly needsHourly?: boolean
  readonly cardCount: number
  readonly entityCardCount?: number
  isEmpty(current: DataOf<Name>): boolean
  /** The name of an entity, from the data of its page. */
  entityName?(current: DataOf<Name>): string | undefined
  readonly Content: ComponentType<ViewProps<DashboardData<Name>>>
}

/** Defines a view of one dashboard. The controls above it follow from the parameters of the dashboard. */
export function defineDashboardView<const Name extends DashboardName>({
  dashboard,
  group = 'dashboards',
  icon,
  needsHourly = false,
  isEmpty,
  entityName,
  ...view
}: DashboardViewOptions<Name>): View<DashboardData<Name>> {
  const controls = controlsOf(dashboard)
  return {
    group,
    icon,
    controls,
    ...view,
    isEmpty: ({ current }) => isEmpty(current),
    file: ({ viewState, now }) => ({
      path: dashboard,
      parameters: dashboardQueriesOf(viewState, controls, now).file,
    }),
    comparison: ({ current }) => current.comparison,
    ...(entityName && { entityName: ({ current }) => entityName(current) }),
    async load({ api, viewState, now, signal }) {
      const queries: DashboardQueries = dashboardQueriesOf(viewState, controls, now)
      const [current, hourly] = await Promise.all([
        api.dashboard(dashboard, queries.current, signal),
        needsHourly ? api.dashboard(dashboard, queries.hourly, signal) : undefined,
      ])
      const data = {
        current: current.data,
        previous: olderDataOf<Name>(current.data),
        hourly: hourly?.data,
        granularity: queries.granularity ?? 'day',
      }
      return { data, asOf: Date.parse(current.meta.asOf) }
    },
  }
}
