/** The sums over messages that all engagement metrics but the medians are calculated from: in SQL, spelled as in the projections, and in place of each metric. */
import {
  ENGAGEMENT_COUNTS,
  ENGAGEMENT_RATES,
  ENGAGEMENT_SHARES,
  type EngagementCountName,
  type EngagementRateName,
  type EngagementShareName,
} from './engagement-metrics.ts'
import { MESSAGE_CONDITIONS, type MessageCondition, RESTRICTED_CONDITIONS } from './message-conditions.ts'
import { rate } from '../rates.ts'

/** The columns of a message's row that are summed. */
export interface CountedColumns {
  /** One bit per condition, then one per condition that is restricted to delivered messages. */
  readonly state: number
  readonly opens: number
  readonly clicks: number
  readonly unknownEvents: number
}

/** One sum per bit of the state, then those of the numbers of events. */
export type EngagementSums = readonly number[]

const STATE_BITS = MESSAGE_CONDITIONS.length + RESTRICTED_CONDITIONS.length
const [OPENS, CLICKS, UNKNOWN_EVENTS] = [STATE_BITS, STATE_BITS + 1, STATE_BITS + 2]
const SUMS = STATE_BITS + 3

export const ZERO_SUMS: EngagementSums = Array.from({ length: SUMS }, () => 0)

/** The column of a sum. */
export const aliasOf = (place: number) => `sum_${place}`
const columnSqlOf = (place: number) =>
  place < STATE_BITS ? `bitTest(state, ${place})` : ['opens', 'clicks', 'unknown_events'][place - STATE_BITS]!

/** The sums with these places as columns, over rows of facts. */
export const columnsSql = (places: readonly number[]) =>
  places.map((place) => `sum(sign * ${columnSqlOf(place)}) AS ${aliasOf(place)}`).join(', ')

/** All sums as columns, over rows of facts. */
export const SUM_COLUMNS_SQL = columnsSql(ZERO_SUMS.map((_, place) => place))
/** The sums of these columns as one list. */
export const SUMS_OF_COLUMNS_SQL = `[${ZERO_SUMS.map((_, place) => `sum(${aliasOf(place)})`).join(', ')}]`

/** Adds the sums of some messages to others, in place. */
export function accumulateSums(sums: number[], added: EngagementSums): void {
  for (let place = 0; place < SUMS; place++) sums[place]! += added[place]!
}

/** Whether a message is one of those of a sum over the state, as 1 or 0. */
export function bitOf({ state }: CountedColumns, place: number): number {
  return (state >>> place) & 1
}

/** Adds a message as often as `weight` says, in place. */
export function accumulateMessage(sums: number[], message: CountedColumns, weight: number): void {
  for (let bit = 0; bit < STATE_BITS; bit++) sums[bit]! += weight * bitOf(message, bit)
  sums[OPENS]! += weight * message.opens
  sums[CLICKS]! += weight * message.clicks
  sums[UNKNOWN_EVENTS]! += weight * message.unknownEvents
}

function placeOf(condition: MessageCondition, isRestricted = false): number {
  if (!isRestricted) return MESSAGE_CONDITIONS.indexOf(condition)
  const index = (RESTRICTED_CONDITIONS as readonly MessageCondition[]).indexOf(condition)
  if (index < 0) throw new Error(`There is no sum of delivered messages that are ${condition}.`)
  return MESSAGE_CONDITIONS.length + index
}

const COUNT_PLACES = Object.entries(ENGAGEMENT_COUNTS).map(
  ([name, { condition }]) => [name as EngagementCountName, placeOf(condition)] as const,
)
const RATE_PLACES = Object.entries(ENGAGEMENT_RATES).map(
  ([name, metric]) => [name as EngagementRateName, ...placesOfRate(metric)] as const,
)

/** The sums that a rate divides. */
export function placesOfRate({ numerator, denominator, isRestricted }: (typeof ENGAGEMENT_RATES)[EngagementRateName]) {
  return [placeOf(numerator, isRestricted), placeOf(denominator)] as const
}

/** The sums that a count, rate or share is calculated from. */
export function placesOfMetric(
  name: EngagementCountName | EngagementRateName | EngagementShareName,
): readonly number[] {
  if (Object.hasOwn(ENGAGEMENT_COUNTS, name)) return [placeOf(ENGAGEMENT_COUNTS[name as EngagementCountName].condition)]
  if (Object.hasOwn(ENGAGEMENT_RATES, name)) return placesOfRate(ENGAGEMENT_RATES[name as EngagementRateName])
  return [OPENS, CLICKS, UNKNOWN_EVENTS]
}

/** What a rate or share divides. */
export function ratioOf(
  sums: EngagementSums,
  name: EngagementRateName | EngagementShareName,
): { readonly part: number; readonly whole: number } {
  if (Object.hasOwn(ENGAGEMENT_SHARES, name))
    return { part: sums[UNKNOWN_EVENTS]!, whole: sums[OPENS]! + sums[CLICKS]! }
  const [part, whole] = placesOfRate(ENGAGEMENT_RATES[name as EngagementRateName])
  return { part: sums[part]!, whole: sums[whole]! }
}

const ZERO_COUNTS = Object.fromEntries(COUNT_PLACES.map(([name]) => [name, 0])) as Record<EngagementCountName, number>

/** The counts of the registry. */
export function countsOf(sums: EngagementSums): Record<EngagementCountName, number> {
  // Copied and overwritten: engines are slow at adding properties by name, and a series has thousands of items.
  const counts = { ...ZERO_COUNTS }
  for (const [name, place] of COUNT_PLACES) counts[name] = sums[place]!
  return counts
}

/** The rates of the registry, and its shares of events. */
export function ratesOf(sums: EngagementSums): Record<EngagementRateName | EngagementShareName, number> {
  const rates = RATE_PLACES.map(([name, part, whole]) => [name, rate(sums[part]!, sums[whole]!)] as const)
  const events = { unknownEvents: sums[UNKNOWN_EVENTS]!, openAndClickEvents: sums[OPENS]! + sums[CLICKS]! }
  const shares = Object.entries(ENGAGEMENT_SHARES).map(
    ([name, { numerator, denominator }]) => [name, rate(events[numerator], events[denominator])] as const,
  )
  return Object.fromEntries([...rates, ...shares]) as ReturnType<typeof ratesOf>
}
