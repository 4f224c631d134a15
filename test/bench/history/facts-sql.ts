/** SQL that generates the facts of the messages of a history: the rows that the service would write. A test compares them with the calculation of the service. */
import {
  MESSAGE_CONDITIONS,
  type MessageCondition,
  RESTRICTED_CONDITIONS,
} from '../../../src/analytics/engagement/message-conditions.ts'
import { ACTOR_CLASSES, type ActorClass, FIRST_CLASS_BIT } from '../../../src/analytics/engagement/actor-classes.ts'
import { BOUNCE_CLASSES } from '../../../src/messages/bounce-class.ts'
import { InputBit } from '../../../src/messages/classes/input-bits.ts'
import { MESSAGE_EVENT_KINDS, type MessageEventKind } from '../../../src/messages/message-event.ts'
import { textKey } from '../../../src/messages/text-hash.ts'
import {
  DOMAIN_SQL,
  elapsedMs,
  eventIdSql,
  FILL_SETTINGS,
  type HistorySize,
  instantSql,
  IS_BARE_OPEN_SQL,
  IS_HARD_BOUNCE_SQL,
  LINK_NUMBER_SQL,
  LINKS,
  MESSAGE,
  scenarioSql,
  scenariosSql,
} from './history-sql.ts'
import { messageHashSql } from './message-hash-sql.ts'

const has = (kind: MessageEventKind) => `has_${kind}`
const at = (kind: MessageEventKind) => `instants[indexOf(types, 'message_${kind}')]`
const kindsSql = MESSAGE_EVENT_KINDS.map((kind) => `has(types, 'message_${kind}') AS ${has(kind)}`).join(',\n    ')

/** Those that some messages of the history meet. */
const CONDITION_SQL: Readonly<Partial<Record<MessageCondition, string>>> = {
  sent: '1',
  delivered: has('delivered'),
  accepted: has('delivered'),
  bounced: has('bounced'),
  hardBounced: `(${has('bounced')} AND is_hard)`,
  softBounced: `(${has('bounced')} AND NOT is_hard)`,
  complained: has('complained'),
  unsubscribed: has('unsubscribed'),
  opened: has('opened'),
  humanOpened: 'is_human_open',
  machineOpenedOnly: `(${has('opened')} AND is_bare)`,
  clicked: has('clicked'),
  humanClicked: has('clicked'),
  confirmed: `(is_human_open OR ${has('clicked')})`,
  deliveredOrBounced: `(${has('delivered')} OR ${has('bounced')})`,
}
const bitsSql = [
  ...MESSAGE_CONDITIONS.map((name) => CONDITION_SQL[name] ?? '0'),
  ...RESTRICTED_CONDITIONS.map((name) => `(${has('delivered')} AND ${CONDITION_SQL[name]})`),
]
  .map((sql, bit) => `bitShiftLeft(toUInt32(${sql}), ${bit})`)
  .join(' + ')

const classBit = (kind: 'opened' | 'clicked', name: ActorClass) =>
  1 << (FIRST_CLASS_BIT[kind] + ACTOR_CLASSES.indexOf(name))
const classesSql = `if(${has('opened')}, if(is_bare, ${classBit('opened', 'privacy')}, ${classBit('opened', 'human')}), 0) + if(${has('clicked')}, ${classBit('clicked', 'human')}, 0)`

const startedAt = `if(${has('delivered')}, ${at('delivered')}, instants[1])`
const delaySql = (condition: string, kind: MessageEventKind) =>
  `if(${condition}, greatest(0, ${at(kind)} - ${startedAt}), -1)`

const afterSql = (condition: string, kind: MessageEventKind) =>
  `if(${condition}, greatest(0, ${at(kind)} - instants[1]), -1)`

/** A number as LEB128, of at most six bytes. */
function varintSql(value: string): string {
  const bytes = Array.from(
    { length: 6 },
    (_, index) =>
      `bitAnd(bitShiftRight(${value}, ${index * 7}), 127) + if(${value} >= ${2 ** (7 * (index + 1))}, 128, 0)`,
  )
  const length = Array.from({ length: 5 }, (_, index) => `(${value} >= ${2 ** (7 * (index + 1))})`).join(' + ')
  return `substring(char(${bytes.join(', ')}), 1, 1 + ${length})`
}

/** The encoding of src/messages/event-list.ts. */
const kindSql = `indexOf([${MESSAGE_EVENT_KINDS.map((kind) => `'message_${kind}'`).join(', ')}], x.1) - 1`
const [HAS_INPUTS, HAS_LINK, BOUNCE_SHIFT] = [8, 16, 5]
const bounceSql = (name: (typeof BOUNCE_CLASSES)[number]) => String((BOUNCE_CLASSES.indexOf(name) + 1) << BOUNCE_SHIFT)
const varintText = (value: number) => `char(${(value & 127) | 128}, ${value >> 7})`
const linkKeysSql = `[${LINKS.map((link) => `unhex('${textKey(link)}')`).join(', ')}]`
const eventSql = `concat(
      char(${kindSql} + multiIf(x.1 = 'message_opened', ${HAS_INPUTS}, x.1 = 'message_clicked', ${HAS_INPUTS + HAS_LINK}, x.1 != 'message_bounced', 0,
        is_hard, ${bounceSql('hard')}, ${bounceSql('soft')})),
      x.3, ${varintSql('delta')},
      multiIf(x.1 = 'message_clicked', concat(${varintText(InputBit.evidence)}, ${linkKeysSql}[${LINK_NUMBER_SQL}]), x.1 != 'message_opened', '',
        is_bare, ${varintText(InputBit.evidence | InputBit.bareMozilla)}, ${varintText(InputBit.evidence)}))`

/** Inserts the facts of the messages among `count` scenarios, starting at number `first`, of a history. */
export function factsSql(first: number, count: number, history: HistorySize): string {
  const event = `(x.1, toUnixTimestamp64Milli(${instantSql('begins_at + x.2', history)}), reverse(substring(${eventIdSql('x.1', 'x.2')}, 1, 8)))`
  return `
  INSERT INTO analytics_message_facts (tenant_id, rules, sent_at, message_id, message_hash, sign, channel, contact_id, source_type, source_id,
    campaign_id, workflow_id, sequence_id, template_id, recipient_domain, state, opens, clicks, unknown_events, open_delay, click_delay,
    opened_after, clicked_after, human_opened_after, human_clicked_after, delivered_after, last_event_at, events, action_classes)
  WITH
    ${scenarioSql(history.events)},
    arraySort(x -> (x.2, x.3), arrayMap(x -> ${event}, arrayFilter(x -> begins_at + x.2 < ${elapsedMs(history)}, ${MESSAGE}))) AS all_events,
    arrayMap(x -> x.1, all_events) AS types,
    arrayMap(x -> x.2, all_events) AS instants,
    arrayMap((at, index) -> toUInt64(if(index = 1, at, at - instants[index - 1])), instants, arrayEnumerate(instants)) AS deltas,
    ${kindsSql},
    ${IS_BARE_OPEN_SQL} AS is_bare,
    ${IS_HARD_BOUNCE_SQL} AS is_hard,
    ${has('opened')} AND NOT is_bare AS is_human_open
  SELECT concat('tenant-', toString(tenant + 1)), 1, fromUnixTimestamp64Milli(instants[1]), concat('m-', toString(n)), ${messageHashSql}, 1,
    message_channel, concat('c-', toString(contact)), source, if(source = '', NULL, concat(source, '-', toString(number))),
    if(source = 'campaign', concat('campaign-', toString(number)), NULL), if(source = 'workflow', concat('workflow-', toString(number)), NULL),
    if(source = 'sequence', concat('sequence-', toString(number)), NULL), concat('template-', toString(template)), ${DOMAIN_SQL},
    ${bitsSql}, ${has('opened')}, ${has('clicked')}, 0, ${delaySql('is_human_open', 'opened')}, ${delaySql(has('clicked'), 'clicked')},
    ${afterSql(has('opened'), 'opened')}, ${afterSql(has('clicked'), 'clicked')}, ${afterSql('is_human_open', 'opened')}, ${afterSql(has('clicked'), 'clicked')}, ${afterSql(has('delivered'), 'delivered')},
    fromUnixTimestamp64Milli(instants[-1]),
    arrayStringConcat(arrayMap((x, delta) -> ${eventSql}, all_events, deltas)),
    ${classesSql}
  FROM ${scenariosSql(first, count)}
  WHERE entity = 'message' AND begins_at < ${elapsedMs(history)}
  ${FILL_SETTINGS}`
}
