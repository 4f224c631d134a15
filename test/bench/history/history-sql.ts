/**
 * SQL that generates a history in the engine: 90 days of campaigns, workflows and sequences of 50 tenants. One tenant has half of all events; the others follow a power law.
 * Related events share a scenario number, and every random value is a hash of that number, so that the history is reproducible.
 */

import { PARAMETERS } from '../measure/parameters.ts'

/** The average number of events per scenario. */
export const EVENTS_PER_SCENARIO = 2.55

export interface HistorySize {
  /** About the number of events. */
  readonly events: number
  /** Epoch milliseconds: no event is later. */
  readonly endMs: number
}

const DAY_MS = 86_400_000
export const TENANTS = PARAMETERS.historyTenants
const SPAN_DAYS = 90

const u = (draw: number) => `(cityHash64(n, ${draw}) / 18446744073709551616.)`
const happens = (type: string, delayMs: string, condition = '1') => `('${type}', toFloat64(${delayMs}), ${condition})`
const scenario = (events: readonly string[]) => `arrayFilter(x -> x.3, [${events.join(', ')}])`

/** The events of a message, each with its type, its milliseconds since the sending, and whether it happens. No open or click is so early that the rules of classes take it for a machine's. */
export const MESSAGE = scenario([
  happens('message_sent', '0'),
  happens('message_delivered', `2000 + 60000 * pow(${u(9)}, 4)`, `${u(10)} < 0.96`),
  happens('message_bounced', '3000', `${u(10)} >= 0.96 AND ${u(10)} < 0.985`),
  happens('message_opened', `120000 - 14400000 * log(1 - ${u(11)})`, `${u(12)} < 0.42`),
  happens('message_clicked', `120000 - 18000000 * log(1 - ${u(13)})`, `${u(14)} < 0.09`),
  happens('message_complained', '3600000', `${u(15)} < 0.001`),
  happens('message_unsubscribed', '7200000', `${u(16)} < 0.004`),
])

/** The user agent of a third of the opens, which the rules take for a proxy that protects privacy. */
const BARE_AGENT = 'Mozilla/5.0'
const AGENT = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
export const LINKS = Array.from({ length: 40 }, (_, index) => `https://shop.example/offer/${index + 1}`)
const DOMAINS = Array.from({ length: 20 }, (_, index) => `mail-${index + 1}.example`)

const listSql = (texts: readonly string[]) => `[${texts.map((text) => `'${text}'`).join(', ')}]`
export const IS_BARE_OPEN_SQL = `${u(18)} < 0.35`
export const IS_HARD_BOUNCE_SQL = `${u(19)} < 0.6`
/** The number of the link among `LINKS`, from 1. */
export const LINK_NUMBER_SQL = `1 + toUInt32(${LINKS.length} * ${u(20)})`
const LINK_SQL = `${listSql(LINKS)}[${LINK_NUMBER_SQL}]`
export const DOMAIN_SQL = `${listSql(DOMAINS)}[1 + toUInt32(${DOMAINS.length} * pow(${u(21)}, 2))]`
/** Fields of `metadata` by event type, as JSON with a comma in front. */
const FIELDS_SQL = `multiIf(
      type = 'message_sent', concat(',"recipientDomain":"', ${DOMAIN_SQL}, '"'),
      type = 'message_clicked', concat(',"url":"', ${LINK_SQL}, '"'),
      type = 'message_bounced', if(${IS_HARD_BOUNCE_SQL}, ',"bounceType":"hard"', ',"bounceType":"soft"'),
      '')`
const AGENT_SQL = `if(type = 'message_clicked' OR (type = 'message_opened' AND NOT ${IS_BARE_OPEN_SQL}), '${AGENT}', '${BARE_AGENT}')`

const RUN = scenario([
  happens('workflow_run_started', '0'),
  happens('workflow_run_completed', `3600000 * ${u(9)}`, `${u(10)} < 0.8`),
  happens('workflow_run_failed', '60000', `${u(10)} >= 0.9`),
  happens('workflow_run_goal_reached', `${DAY_MS} * ${u(11)}`, `${u(10)} < 0.3`),
])
const [STEP_1_MS, STEP_2_MS, STEP_3_MS] = [1_000, 2 * DAY_MS, 4 * DAY_MS]
const ENROLLMENT = scenario([
  happens('sequence_enrollment_started', '0'),
  happens('sequence_step_executed', `${STEP_1_MS}`),
  happens('sequence_step_executed', `${STEP_2_MS}`, `${u(9)} < 0.85`),
  happens('sequence_step_executed', `${STEP_3_MS}`, `${u(9)} < 0.7`),
  happens('sequence_enrollment_replied', `${4 * DAY_MS} * ${u(10)}`, `${u(11)} < 0.12`),
  happens('sequence_enrollment_completed', `${STEP_3_MS} + 60000`, `${u(9)} < 0.6`),
  happens('sequence_enrollment_exited', `${STEP_2_MS} + 60000`, `${u(9)} > 0.95`),
])
const CONTACT = `[(if(${u(9)} < 0.3, 'contact_created', 'contact_updated'), 0., 1)]`

/**
 * Inserts `count` scenarios, starting at number `first`, of a history. There is about one contact per 60 events. Scenarios other than those of campaigns
 * start in the order of their numbers, so that surrogate ids are assigned in chronological order, as in ingestion.
 */
export function historySql(first: number, count: number, history: HistorySize): string {
  return `
  INSERT INTO analytics_events (id, tenant_id, event_type, entity_type, entity_id, channel, contact_id, source_type, source_id, campaign_id,
    workflow_id, sequence_id, template_id, metadata, occurred_at, step_number, enrollment_id, surrogate_id,
    recipient_domain, link, bounce_class, ingested_at)
  WITH
    ${scenarioSql(history.events)},
    arrayJoin(multiIf(entity = 'message', ${MESSAGE}, entity = 'workflow', ${RUN}, entity = 'sequence', ${ENROLLMENT}, ${CONTACT})) AS event,
    event.1 AS type,
    event.2 AS delay,
    multiIf(type = 'sequence_step_executed', multiIf(delay = ${STEP_1_MS}, 1, delay = ${STEP_2_MS}, 2, 3), type = 'sequence_enrollment_replied', 1 + toUInt32(${u(17)} * 3), 0) AS step,
    concat(substring(entity, 1, 1), '-', toString(if(entity = 'contact', contact, n))) AS entity_id
  SELECT reinterpretAsUUID(${eventIdSql('type', 'delay')}), concat('tenant-', toString(tenant + 1)), type, entity, entity_id,
    if(entity = 'message', message_channel, ''), concat('c-', toString(contact)),
    if(entity = 'contact', '', source), if(source IN ('', 'contact'), NULL, concat(source, '-', toString(number))),
    if(source = 'campaign', concat('campaign-', toString(number)), NULL), if(source = 'workflow', concat('workflow-', toString(number)), NULL),
    if(source = 'sequence', concat('sequence-', toString(number)), NULL), if(entity = 'message', concat('template-', toString(template)), NULL),
    concat('{"userAgent":"', ${AGENT_SQL}, '","n":', toString(n % 1000), ${FIELDS_SQL}, '}'),
    ${instantSql('begins_at + delay', history)},
    if(step = 0, NULL, step), if(entity = 'sequence', entity_id, NULL),
    -- Surrogate ids of enrollments follow those of contacts in the order of time; a twentieth of the ids is unused.
    toUInt32(multiIf(entity = 'sequence', contacts + ${first} * if(tenant = 0, 0.042, 0.0045) + place, type = 'message_sent' AND source = 'campaign', 1 + contact, 0)),
    if(type = 'message_sent', ${DOMAIN_SQL}, NULL), if(type = 'message_clicked', ${LINK_SQL}, NULL),
    if(type = 'message_bounced', if(${IS_HARD_BOUNCE_SQL}, 'hard', 'soft'), NULL),
    ${instantSql('begins_at + delay', history)} + INTERVAL 1 SECOND
  FROM ${scenariosSql(first, count)}
  WHERE begins_at + delay < ${elapsedMs(history)}
  ${FILL_SETTINGS}`
}

/** The columns of the scenarios with the number `n`, of a history of `events` events. */
export function scenarioSql(events: number): string {
  const scenarios = events / EVENTS_PER_SCENARIO
  return `multiIf(entity != 'message', entity, ${u(4)} < 0.65, 'campaign', ${u(4)} < 0.8, 'sequence', ${u(4)} < 0.95, 'workflow', '') AS source,
    toUInt32(${u(5)} * multiIf(source = 'campaign', if(tenant = 0, 300, 40), source = 'sequence', if(tenant = 0, 60, 10), if(tenant = 0, 80, 15))) AS number,
    toUInt32(if(tenant = 0, ${events} / 120, greatest(100, ${events} / 3000))) AS contacts,
    toUInt32(${u(6)} * contacts) AS contact,
    multiIf(source = 'campaign', number % 120, source = 'sequence', 120 + (number * 3 + toUInt32(${u(7)} * 3)) % 120, source = 'workflow', 240 + number % 60, 300) AS template,
    multiIf(template % 10 < 6, 'email', template % 10 < 8, 'sms', template % 10 < 9, 'whatsapp', 'push') AS message_channel,
    -- A campaign sends within hours; everything else goes on all the time.
    if(entity = 'message' AND source = 'campaign',
      cityHash64(tenant, number) / 18446744073709551616. * ${SPAN_DAYS * DAY_MS} + pow(${u(8)}, 2) * 28800000,
      (n + ${u(8)}) / ${scenarios} * ${SPAN_DAYS * DAY_MS}) AS begins_at`
}

/** The scenarios with these numbers, each with its tenant and the kind of its entity. */
export const scenariosSql = (first: number, count: number) => `(
    SELECT n, tenant, entity, row_number() OVER (PARTITION BY tenant, entity ORDER BY n) AS place
    FROM (
      SELECT number AS n, if(${u(1)} < 0.5, 0, 1 + floor(${TENANTS - 1} * ${u(2)} * ${u(2)})) AS tenant,
        multiIf(${u(3)} < 0.78, 'message', ${u(3)} < 0.88, 'workflow', ${u(3)} < 0.96, 'sequence', 'contact') AS entity
      FROM numbers(${first}, ${count})
    )
  )`

/** The bytes of the id of an event. */
export const eventIdSql = (type: string, delay: string) => `sipHash128(n, ${type}, ${delay})`

const startMs = ({ endMs }: HistorySize) => Math.floor(endMs / DAY_MS) * DAY_MS - (SPAN_DAYS - 1) * DAY_MS

/** The instant that is so many milliseconds after the start of the history. */
export const instantSql = (sinceStart: string, history: HistorySize) =>
  `fromUnixTimestamp64Milli(toInt64(${startMs(history)}. + ${sinceStart}))`

/** Milliseconds from the start of the history until its end. */
export const elapsedMs = (history: HistorySize) => history.endMs - startMs(history)

export const FILL_SETTINGS = `SETTINGS max_insert_block_size = 1000000, max_block_size = 65536, min_insert_block_size_rows = 1000000, min_insert_block_size_bytes = 1000000000,
    max_threads = 2, max_insert_threads = 1`
