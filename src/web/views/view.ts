import type { DashboardName, DataOf } from '../../analytics/dashboards/dashboards.ts'
import type { MessageCounts } from '../../analytics/message-counts.ts'
import type { Granularity } from '../../analytics/time/buckets.ts'

/** One page of the application: the data of one dashboard under a title. Several views may show the same dashboard. */
export interface ViewDefinition<Id extends string = string, Dashboard extends DashboardName = DashboardName> {
  /** The value of `view` in the page's address. */
  readonly id: Id
  readonly dashboard: Dashboard
  readonly title: string
  readonly subtitle: string
  /** Whether the view also shows the same query by the hour. */
  readonly needsHourly?: boolean
  create(select: SelectEntity): View<Dashboard>
}

/** Defines a view; its list is VIEWS. */
export function defineView<const Id extends string, const Dashboard extends DashboardName>(
  definition: ViewDefinition<Id, Dashboard>,
): ViewDefinition<Id, Dashboard> {
  return definition
}

/** The data that a view shows at a time. */
export interface ViewData<Dashboard extends DashboardName> {
  readonly current: DataOf<Dashboard>
  /** The data of the period before; undefined where it could not be read. */
  readonly previous: DataOf<Dashboard> | undefined
  /** The current data by the hour, for views that need it. */
  readonly hourly: DataOf<Dashboard> | undefined
  readonly zone: string
  readonly granularity: Granularity
}

/** The content of a view. It is created once and updated with each response, so that open parts and the focus stay as they are. */
export interface View<Dashboard extends DashboardName> {
  readonly element: HTMLElement
  show(shown: ViewData<Dashboard>): void
  /** Shows the totals of the live stream before the next response. */
  applyLiveTotals?(totals: MessageCounts): void
  /** Whether the data holds nothing to show. */
  isEmpty(data: DataOf<Dashboard>): boolean
}

/** Narrows the view to one campaign, workflow, …. */
export type SelectEntity = (id: string) => void
