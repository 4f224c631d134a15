/** Which roll-up of the facts of messages answers a query exactly. */
import type { DimensionName } from '../../dimensions.ts'
import {
  bucketsAlignWithSteps,
  DELAYS_BY_DAY,
  MESSAGES_BY_DAY,
  MESSAGES_BY_QUARTER_HOUR,
  type RollUp,
} from '../../query/roll-up.ts'
import { dimensionsOfFilter } from '../../filter/filter-tree.ts'
import { type GroupsRequest, readsRows } from './groups.ts'

/** What the projections of facts are grouped by. */
const QUARTER_HOUR_DIMENSIONS: readonly DimensionName[] = ['channel']
const DAILY_DIMENSIONS: readonly DimensionName[] = ['channel', 'campaign', 'template']
const TIME_DIMENSIONS: readonly DimensionName[] = ['hourOfDay', 'dayOfWeek']

const usedDimensions = ({ dimensions, filter }: GroupsRequest) => [...dimensions, ...dimensionsOfFilter(filter)]

/** The roll-up of sums over messages that contains all dimensions of the query, else undefined. */
export function sumsRollUp(request: GroupsRequest): RollUp | undefined {
  const { localTime, buckets, range } = request
  if (readsRows(request)) return undefined
  const used = usedDimensions(request)
  const fitsQuarterHour = used.every(
    (dimension) =>
      QUARTER_HOUR_DIMENSIONS.includes(dimension) ||
      (TIME_DIMENSIONS.includes(dimension) && localTime.isAlignedWithQuarterHours),
  )
  if (fitsQuarterHour && bucketsAlignWithSteps(MESSAGES_BY_QUARTER_HOUR, range, buckets ?? []))
    return MESSAGES_BY_QUARTER_HOUR
  return used.every((dimension) => DAILY_DIMENSIONS.includes(dimension)) ? MESSAGES_BY_DAY : undefined
}

/** The same for the roll-ups of delays. */
export function delaysRollUp(request: GroupsRequest, kind: keyof typeof DELAYS_BY_DAY): RollUp | undefined {
  return usedDimensions(request).every((dimension) => DAILY_DIMENSIONS.includes(dimension))
    ? DELAYS_BY_DAY[kind]
    : undefined
}
