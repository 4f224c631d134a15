/**
 * The columns that count a message's life, shared by every dashboard that shows them, so that two screens never disagree. Spelled as in the projections.
 */
import { FOUR, SEVEN } from './message-totals.ts'

const count = (name: string) => `countIf(event_type = 'message_${name}') AS ${name}`
const campaignCount = (name: string) => `countIf(event_type = 'message_${name}' AND campaign_id IS NOT NULL) AS ${name}`
const sum = (name: string) => `sum(${name}) AS ${name}`
const sumOfType = (name: string) => `sumIf(events, event_type = 'message_${name}') AS ${name}`

export const SENT_COUNT_SQL = count('sent')
/** Out of counts by type, each named `events`. */
export const FOUR_OF_TYPES_SQL = FOUR.map(sumOfType).join(', ')
export const FOUR_CAMPAIGN_COUNTS_SQL = FOUR.map(campaignCount).join(', ')
export const SEVEN_COUNTS_SQL = SEVEN.map(count).join(', ')

/** Sums of the counts, under the same names. */
export const FOUR_SUMS_SQL = FOUR.map(sum).join(', ')

/** Every message event: listed one by one, since the table is ordered by event type. */
export const IS_MESSAGE_SQL = `event_type IN (${SEVEN.map((name) => `'message_${name}'`).join(', ')})`
