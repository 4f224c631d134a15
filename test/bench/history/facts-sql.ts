/** SQL that generates the facts of the messages of a history, as ingestion would have left them: a row per message, with the list of its events. All opens and clicks count as those of people. */
import {
  MESSAGE_CONDITIONS,
  type MessageCondition,
  RESTRICTED_CONDITIONS,
} from '../../../src/analytics/engagement-metrics.ts'
import { BOUNCE_CLASSES } from '../../../src/messages/bounce-class.ts'
import { InputBit } from '../../../src/messages/classes/input-bits.ts'
import { MESSAGE_EVENT_KINDS } from '../../../src/messages/message-event.ts'
import { ELAPSED_SQL, FILL_SETTINGS, instantSql, MESSAGE, scenarioSql, scenariosSql } from './history-sql.ts'

const has = (kind: string) => `arrayExists(x -> x.1 = 'message_${kind}', all_events)`
/** Those that some messages of the history meet. */
const CONDITION_SQL: Readonly<Partial<Record<MessageCondition, string>>> = {
  sent: '1',
  delivered: has('delivered'),
  accepted: has('delivered'),
  bounced: has('bounced'),
  undeterminedBounced: has('bounced'),
  complained: has('complained'),
  unsubscribed: has('unsubscribed'),
  opened: has('opened'),
  humanOpened: has('opened'),
  clicked: has('clicked'),
  humanClicked: has('clicked'),
  confirmed: `(${has('opened')} OR ${has('clicked')})`,
}
const bitsSql = [
  ...MESSAGE_CONDITIONS.map((name) => CONDITION_SQL[name] ?? '0'),
  ...RESTRICTED_CONDITIONS.map((name) => `(${CONDITION_SQL.delivered} AND ${CONDITION_SQL[name]})`),
]
  .map((sql, bit) => `bitShiftLeft(toUInt32(${sql}), ${bit})`)
  .join(' + ')

const atOf = (kind: string) => `arrayFirst(x -> x.1 = 'message_${kind}', all_events).2`
const startedAt = `if(${has('delivered')}, ${atOf('delivered')}, 0.)`
const delaySql = (kind: string) =>
  `if(${has(kind)}, greatest(0, toInt64(floor(begins_at + ${atOf(kind)})) - toInt64(floor(begins_at + ${startedAt}))), -1)`

const afterSql = (kind: string) =>
  `if(${has(kind)}, toInt64(floor(begins_at + ${atOf(kind)})) - toInt64(floor(begins_at)), -1)`

/** LEB128 of seven bytes: longer than necessary, but of one length. */
const varintSql = (value: string) =>
  `concat(${Array.from({ length: 7 }, (_, index) => `char(${index < 6 ? 128 : 0} + bitAnd(bitShiftRight(${value}, ${index * 7}), 127))`).join(', ')})`
const kindSql = `indexOf([${MESSAGE_EVENT_KINDS.map((kind) => `'message_${kind}'`).join(', ')}], x.1) - 1`
const [HAS_INPUTS, UNDETERMINED] = [8, (BOUNCE_CLASSES.indexOf('undetermined') + 1) << 5]
/** As LEB128. */
const EVIDENCE = `${128 | (InputBit.evidence & 127)}, ${InputBit.evidence >> 7}`
const isActed = `x.1 IN ('message_opened', 'message_clicked')`
const eventSql = `concat(
      char(${kindSql} + if(${isActed}, ${HAS_INPUTS}, 0) + if(x.1 = 'message_bounced', ${UNDETERMINED}, 0)),
      substring(reinterpretAsString(sipHash64(n, x.1)), 1, 8), repeat(char(0), 8 - length(substring(reinterpretAsString(sipHash64(n, x.1)), 1, 8))),
      ${varintSql('delta')}, if(${isActed}, char(${EVIDENCE}), ''))`

/** Inserts the facts of the messages among `count` scenarios, starting at number `first`, of a history of `events` events. */
export function factsSql(first: number, count: number, events: number): string {
  return `
  INSERT INTO analytics_message_facts (tenant_id, rules, sent_at, message_id, message_hash, sign, channel, contact_id, source_type, source_id,
    campaign_id, workflow_id, sequence_id, template_id, recipient_domain, state, opens, clicks, unknown_events, open_delay, click_delay,
    opened_after, clicked_after, human_opened_after, human_clicked_after, last_event_at, events)
  WITH
    ${scenarioSql(events)},
    arraySort(x -> x.2, arrayFilter(x -> begins_at + x.2 < ${ELAPSED_SQL}, ${MESSAGE})) AS all_events,
    arrayMap(x -> toUnixTimestamp64Milli(${instantSql('begins_at + x.2')}), all_events) AS instants,
    arrayMap((at, index) -> toUInt64(if(index = 1, at, at - instants[index - 1])), instants, arrayEnumerate(instants)) AS deltas
  SELECT concat('tenant-', toString(tenant + 1)), 1, ${instantSql('begins_at')}, concat('m-', toString(n)), cityHash64(tenant, n), 1,
    message_channel, concat('c-', toString(contact)), source, if(source = '', NULL, concat(source, '-', toString(number))),
    if(source = 'campaign', concat('campaign-', toString(number)), NULL), if(source = 'workflow', concat('workflow-', toString(number)), NULL),
    if(source = 'sequence', concat('sequence-', toString(number)), NULL), concat('template-', toString(template)), 'recipient.example',
    ${bitsSql}, ${has('opened')}, ${has('clicked')}, 0, ${delaySql('opened')}, ${delaySql('clicked')},
    ${afterSql('opened')}, ${afterSql('clicked')}, ${afterSql('opened')}, ${afterSql('clicked')},
    fromUnixTimestamp64Milli(instants[-1]),
    arrayStringConcat(arrayMap((x, delta) -> ${eventSql}, all_events, deltas))
  FROM ${scenariosSql(first, count)}
  WHERE entity = 'message' AND begins_at < ${ELAPSED_SQL}
  ${FILL_SETTINGS}`
}
