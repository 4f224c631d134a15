import type { Granularity } from '../../analytics/time/buckets.ts'
import type { Traffic } from '../../analytics/dashboards/traffic.ts'
import type { MessageCounts } from '../../analytics/metrics.ts'
import type { ViewResponses, ViewName } from './view-definitions.ts'

/** What a view shows at a time. */
export interface ViewData<Name extends ViewName> {
  readonly current: ViewResponses[Name]
  /** The same of the days before; undefined where it could not be had. */
  readonly previous: ViewResponses[Name] | undefined
  /** Traffic by the hour, where the view asks for it. */
  readonly hourly: Traffic | undefined
  readonly zone: string
  readonly granularity: Granularity
}

/** The inside of a view: made once, and shown new numbers as often as there are some, so that what is open or focused stays so. */
export interface View<Name extends ViewName> {
  readonly element: HTMLElement
  show(shown: ViewData<Name>): void
  /** Totals as the live stream counts them, ahead of the next answer. */
  applyLiveTotals?(totals: MessageCounts): void
  /** Whether there is nothing at all to be seen. */
  isEmpty(answer: ViewResponses[Name]): boolean
}

/** Narrows the view to one campaign, workflow, …. */
export type SelectEntity = (id: string) => void
