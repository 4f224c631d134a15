import type { Granularity } from '../../analytics/buckets.ts'
import type { Traffic } from '../../analytics/traffic.ts'
import type { SevenCounts } from '../../analytics/message-totals.ts'
import type { Answers, ViewName } from '../views.ts'

/** What a view shows at a time. */
export interface Shown<Name extends ViewName> {
  readonly now: Answers[Name]
  /** The same of the days before; undefined where it could not be had. */
  readonly before: Answers[Name] | undefined
  /** Traffic by the hour, where the view asks for it. */
  readonly hourly: Traffic | undefined
  readonly zone: string
  readonly granularity: Granularity
}

/** The inside of a view: made once, and shown new numbers as often as there are some, so that what is open or focused stays so. */
export interface Body<Name extends ViewName> {
  readonly element: HTMLElement
  show(shown: Shown<Name>): void
  /** Totals as the live stream counts them, ahead of the next answer. */
  tick?(totals: SevenCounts): void
  /** Whether there is nothing at all to be seen. */
  isEmpty(answer: Answers[Name]): boolean
}

/** Narrows the view to one campaign, workflow, …. */
export type Choose = (id: string) => void
