import { SUBJECTS as CATALOGUE_SUBJECTS } from '../../../../src/events/catalogue.ts'
import { retentionStart } from '../../../../src/base/retention.ts'
import type { Chance } from '../../../support/base/random.ts'

export const SUBJECTS = CATALOGUE_SUBJECTS.map((subject) => subject.replace('*', 'replied'))

const NAMES = ['"Name A"', '"Name A"', '"Name B"', '""', 'null', '"Ünï 😀"', '7', 'true', '["x"]', '"a\\"b"']
const IDS = [
  '"x-1"',
  '"x-1"',
  '"x-2"',
  '"x-2"',
  '""',
  'null',
  '"ünï-日本"',
  '12',
  '1e3',
  'false',
  '"a\\\\b"',
  '{"a":1}',
]
const METADATA = [
  '{}',
  '{ }',
  'null',
  '{"a":1}',
  '{"a":1}',
  '{"url":"https://example.com/?q=\\"x\\""}',
  '{ "a" : [ 1 , 2 , { "b" : " x \\" y " } ] }',
  '{"a":1,"b":{"a":1,"b":2}}',
  '{"a":1,"a":2}',
  '{"2":1,"1":2}',
  '{"__proto__":{"x":1}}',
  '{"reason":"x","status":"y"}',
  '{"userAgent":"x","ip_address":"y"}',
  '[1]',
  '"text"',
  '5',
]
const VALUES = [
  '"v"',
  '0',
  '-0',
  '-1',
  '1.5',
  '1.50',
  '-0.5',
  '1e3',
  '0.000001',
  '0.0000001',
  '0.1234567',
  '123456789.123456',
  '123456789012345',
  '1234567890123456',
  '9007199254740993',
  '01',
  '1.',
  '.5',
  '-',
  'nul',
  'truefalse',
  'true',
  'null',
  '[]',
  '[1,]',
  '{"a":1,}',
  '[null,true,{"a":[[]]}]',
  `${'['.repeat(9)}${']'.repeat(9)}`,
  `${'['.repeat(6)}${']'.repeat(6)}`,
  '"\\u0041"',
  '"\\/"',
  '"\\n\\t\\\\"',
  '"\\x"',
  '"\t"',
  '"\u007f\u2028\ufeff"',
  '"\\ud800"',
  '{"x":{"y":{"z":"ü"}},"w":[1,2]}',
  `"${'long '.repeat(30)}"`,
]
const OTHER_KEYS = [
  'url',
  'link',
  'ua',
  'reason',
  'a',
  'b',
  '__proto__',
  '1',
  'constructor',
  '',
  'toString',
  'data.a',
  'é',
  'names',
]
const FIELDS: readonly (readonly [string, readonly string[]])[] = [
  ['messageId', IDS],
  ['runId', IDS],
  ['channel', ['"email"', '"sms"', '"push"', '"whatsapp"', '""', 'null', '"fax"', '5', '"EMAIL"']],
  ['contactId', IDS],
  ['userId', IDS],
  ['sourceType', ['"campaign"', '"workflow"', '"sequence"', '"journey"', '""', 'null', '3', '"campaign"', '"ü"']],
  ['sourceId', IDS],
  ['campaignId', IDS],
  ['workflowId', IDS],
  ['sequenceId', IDS],
  ['templateId', IDS],
  ['enrollmentId', IDS],
  [
    'stepNumber',
    ['1', '2', '4294967295', '4294967296', '0', '-1', '1.5', 'null', '"1"', '10e0', '99999999999999999999'],
  ],
  ['campaignName', NAMES],
  ['workflowName', NAMES],
  ['sequenceName', NAMES],
  ['templateName', NAMES],
  ['name', NAMES],
  ['sourceName', NAMES],
  ['status', ['"failed"', '"failed"', '"completed"', '""', 'null', '1', '"\\u0066ailed"']],
  ['metadata', METADATA],
]

/** A message whose fields are drawn from usual and unusual values; about half of them are valid events. */
export function oddMessage(chance: Chance, now: number): string {
  const space = chance.hits(0.7) ? () => '' : () => chance.pick(['', ' ', ' ', '\n  ', '\t', '\r\n'])
  const object = (fields: readonly (readonly [string, string])[]) =>
    `{${space()}${fields.map(([key, value]) => `"${key}"${space()}:${space()}${value}`).join(`${space()},${space()}`)}${space()}}`
  const data = shuffled(
    [
      ...FIELDS.filter(() => chance.hits(0.5)).map(([key, values]) => [key, valueOf(values, chance)] as const),
      ...OTHER_KEYS.filter(() => chance.hits(0.06)).map((key) => [key, valueOf(VALUES, chance)] as const),
    ],
    chance,
  )
  if (data.length > 0 && chance.hits(0.04)) data.push(chance.pick(data))
  const fields: (readonly [string, string])[] = [
    [
      'tenantId',
      chance.hits(0.95) ? chance.pick(['"t1"', '"tenant-2"', `"${'t'.repeat(128)}"`]) : chance.pick(ODD_TENANTS),
    ],
    ['timestamp', timestampOf(chance, now)],
    ['data', chance.hits(0.97) ? object(data) : chance.pick(VALUES)],
  ]
  if (chance.hits(0.7)) fields.push(['eventId', chance.pick(EVENT_IDS)])
  if (chance.hits(0.3)) fields.push([chance.pick(['correlationId', 'version', 'dataX']), chance.pick(VALUES)])
  if (chance.hits(0.03)) fields.push(chance.pick(fields))
  return `${space()}${object(shuffled(fields, chance))}${space()}`
}

const ODD_TENANTS = ['""', '"a/b"', '"tenänt"', `"${'t'.repeat(129)}"`, '5', 'null', '"a b"']
const EVENT_IDS = [
  '"e-1"',
  '"0190a5c2-7d8e-4f6a-9b3c-1d2e3f405162"',
  '"ünï"',
  '""',
  'null',
  '5',
  'true',
  '"a\\nb"',
  '{}',
]

function timestampOf(chance: Chance, now: number): string {
  const recent = now - chance.below(700 * 86_400_000)
  if (chance.hits(0.6)) return `"${new Date(recent).toISOString()}"`
  const edge = chance.pick([now + 86_400_000, retentionStart(now)]) + chance.pick([-1, 0, 1])
  return chance.pick([
    String(recent),
    String(edge),
    `"${new Date(edge).toISOString()}"`,
    `"${new Date(recent).toISOString().replace('Z', '+00:00')}"`,
    `"${new Date(recent).toISOString().replace(/\.\d+/, '')}"`,
    `"${new Date(recent).toISOString().toLowerCase()}"`,
    '"2026-02-29T10:00:00.000Z"',
    '"2028-02-29T10:00:00.000Z"',
    '"2026-02-00T10:00:00.000Z"',
    '"2026-13-01T10:00:00.000Z"',
    '"2026-00-01T10:00:00.000Z"',
    '"2026-01-31T24:00:00.000Z"',
    '"2026-01-31T23:60:00.000Z"',
    '"2026-01-31T23:59:60.000Z"',
    '"0000-00-00T00:00:00.000Z"',
    `${recent}.5`,
    `-${recent}`,
    'null',
  ])
}

function valueOf(values: readonly string[], chance: Chance): string {
  // The first values of each list are usual.
  return chance.hits(0.85) ? chance.pick(values.slice(0, 4)) : chance.pick(chance.hits(0.7) ? values : VALUES)
}

function shuffled<Item>(items: readonly Item[], chance: Chance): Item[] {
  const remaining = [...items]
  const result: Item[] = []
  while (remaining.length > 0) result.push(...remaining.splice(chance.below(remaining.length), 1))
  return result
}
