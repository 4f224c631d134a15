/** Arbitrary `data` of events of messages, with many of the names and values that classes are read from. */
import type { ClassRules } from '../../../../src/messages/classes/class-rules.ts'
import { type MessageEvent, readMessageEvent } from '../../../../src/messages/message-event.ts'
import { fc } from '../../base/properties.ts'
import { accept, NOW } from '../../ingest/event-samples.ts'
import type { SampleEvent } from './message-classes.ts'
import type { EventData } from './message-inputs.ts'

const NAMES = [
  ...[
    'userAgent',
    'user_agent',
    'ua',
    'useragent',
    'ip',
    'ipAddress',
    'ip_address',
    'url',
    'link',
    'method',
    'linkRole',
  ],
  ...['machineOpen', 'machine_open', 'sg_machine_open', 'isPrefetched', 'is_prefetched', 'proxyOpen', 'proxy_open'],
  ...['isBot', 'is_bot', 'bot', 'isSuspectedBot', 'is_suspected_bot_click'],
  ...['bounceClass', 'bounceType', 'bounce_type', 'type', 'classification', 'reason', 'status', 'code', 'smtpCode'],
  ...['diagnostic', 'response', 'recipientDomain', 'recipient', 'to', 'email', 'device', '__proto__', 'constructor'],
]
const VALUES: readonly unknown[] = [
  ...['Mozilla/5.0', 'Mozilla/5.0 (iPhone)', 'x Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0', 'CURL/8'],
  ...['GoogleImageProxy', 'YahooMailProxy', 'MimeCast', 'HEAD', 'head', 'GET', 'honeypot', 'Honeypot', 'true', 'TRUE'],
  ...[
    'false',
    'none',
    'NONE',
    '0',
    '1',
    '',
    ' ',
    'apple',
    'Gmail',
    'GENERIC',
    'phantom',
    '192.0.2.1',
    'https://a.example/',
  ],
  ...['hard', 'Bad_Email-Address', 'DNS error', 'Transient', 'ESP block', 'dropped', 'unclassified', '5.1.1', '4.2.2'],
  ...[
    'smtp; 550 5.7.1 refused',
    '421 later',
    '550',
    ' 550 no',
    '5501',
    'host 192.4.2.1 said no',
    '5.5.0',
    '2.0.0',
    '552 5.2.2',
  ],
  ...['Ann@Example.COM', 'a@b@C.example', 'no address', 'EXAMPLE.org', `x${'y'.repeat(2_000)}bot`, 'ünï 😀 bot'],
  ...[
    true,
    false,
    null,
    0,
    1,
    2,
    550,
    421,
    5.71,
    9_007_199_254_740_991,
    [],
    ['curl'],
    {},
    { ua: 'curl', bot: true },
    [[true]],
  ],
]

const fieldName = fc.constantFrom(...NAMES)
const fieldValue = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 1, arbitrary: fc.jsonValue() },
)
const fields = fc.dictionary(fieldName, fieldValue, { maxKeys: 6 })

/** `data` with a message id; inputs lie in `data`, in `data.metadata` or in both. */
export const anyData: fc.Arbitrary<EventData> = fc
  .record({
    own: fields,
    metadata: fc.oneof(
      { weight: 5, arbitrary: fields },
      { weight: 1, arbitrary: fc.constantFrom(null, [], 'text', 5, true) },
    ),
    hasMetadata: fc.boolean(),
  })
  .map(({ own, metadata, hasMetadata }) => ({ messageId: 'm', ...own, ...(hasMetadata ? { metadata } : {}) }))

const KINDS = [
  'sent',
  'delivered',
  'opened',
  'opened',
  'opened',
  'clicked',
  'clicked',
  'clicked',
  'bounced',
  'complained',
  'unsubscribed',
]
/** Milliseconds after the first instant of a message, on both sides of all thresholds. */
const OFFSETS = [
  ...[
    0, 1, 1_999, 2_000, 2_001, 2_500, 4_999, 5_000, 5_001, 7_000, 9_999, 10_000, 10_001, 12_000, 14_999, 15_000, 20_000,
  ],
  ...[
    20_001, 30_000, 59_999, 60_000, 60_001, 70_000, 3_600_000, 3_600_001, 3_605_000, 3_610_000, 3_610_001, 86_400_000,
  ],
]
const PERSON = 'Mozilla/5.0 (Windows NT 10.0) Chrome/126.0'
const LINKS = ['https://a.example/', 'https://b.example/', 'https://c.example/', 'https://d.example/']
const MACHINES: readonly EventData[] = [
  { ua: 'Mozilla/5.0' },
  { linkRole: 'honeypot' },
  { ua: 'x Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0' },
  { method: 'HEAD', ua: PERSON },
  { bot: 'generic' },
]
/** Data of people and of machines, and now and then anything. */
const eventData: fc.Arbitrary<EventData> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...LINKS).map((url) => ({ messageId: 'm', url, userAgent: PERSON })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...LINKS)
      .map((link) => ({ messageId: 'm', metadata: { link, ua: 'GoogleImageProxy' } })),
  },
  { weight: 1, arbitrary: fc.constant({ messageId: 'm' }) },
  { weight: 1, arbitrary: fc.constantFrom(...MACHINES).map((machine) => ({ messageId: 'm', ...machine })) },
  { weight: 2, arbitrary: anyData },
)

/** The events of one message in any order, some of them at the same instant. */
export const anyMessage: fc.Arbitrary<readonly SampleEvent[]> = fc
  .array(fc.record({ kind: fc.constantFrom(...KINDS), offset: fc.constantFrom(...OFFSETS), data: eventData }), {
    maxLength: 14,
  })
  .map((events) =>
    events.map(({ kind, offset, data }, index) => ({
      id: `event-${index}`,
      kind,
      at: NOW - 90_000_000 + offset,
      // As a broker passes it on.
      data: JSON.parse(JSON.stringify(data)) as EventData,
    })),
  )

/** The event as it is read from the row that it becomes. */
export function messageEventOf({ id, kind, at, data }: SampleEvent, rules?: ClassRules): MessageEvent {
  const { row } = accept({ tenantId: 't1', eventId: id, timestamp: at, data }, { subject: `pipeline.message.${kind}` })
  return readMessageEvent(row, rules)!
}
