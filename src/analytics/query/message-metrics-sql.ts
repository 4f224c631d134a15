/**
 * The columns that count a message's life, shared by every dashboard that shows them, so that two screens never disagree. Spelled as in the projections.
 */
import { CORE_MESSAGE_METRICS, MESSAGE_METRICS } from '../metrics.ts'

const countSql = (name: string) => `countIf(event_type = 'message_${name}') AS ${name}`
const campaignCountSql = (name: string) =>
  `countIf(event_type = 'message_${name}' AND campaign_id IS NOT NULL) AS ${name}`
const sumSql = (name: string) => `sum(${name}) AS ${name}`
const sumByEventTypeSql = (name: string) => `sumIf(events, event_type = 'message_${name}') AS ${name}`

export const SENT_COUNT_SQL = countSql('sent')
/** Out of counts by type, each named `events`. */
export const CORE_COUNTS_BY_EVENT_TYPE_SQL = CORE_MESSAGE_METRICS.map(sumByEventTypeSql).join(', ')
export const CORE_CAMPAIGN_COUNTS_SQL = CORE_MESSAGE_METRICS.map(campaignCountSql).join(', ')
export const MESSAGE_COUNTS_SQL = MESSAGE_METRICS.map(countSql).join(', ')

/** Sums of the counts, under the same names. */
export const CORE_COUNT_SUMS_SQL = CORE_MESSAGE_METRICS.map(sumSql).join(', ')

/** Every message event: listed one by one, since the table is ordered by event type. */
export const IS_MESSAGE_SQL = `event_type IN (${MESSAGE_METRICS.map((name) => `'message_${name}'`).join(', ')})`
