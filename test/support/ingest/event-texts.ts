/** Texts of messages whose `data` and `metadata` have the names and values that the facts of messages are read from, and everything that JSON allows beside them. */
import { fc } from '../base/properties.ts'
import { NOW } from './event-samples.ts'

const NAMES = [
  ...['recipientDomain', 'recipient', 'to', 'email', 'url', 'link', 'bounceClass', 'bounceType', 'bounce_type', 'type'],
  ...['classification', 'reason', 'status', 'code', 'smtpCode', 'diagnostic', 'response'],
]
const name = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...NAMES, 'recipientDomain', 'recipient', 'to', 'url', 'link') },
  { weight: 3, arbitrary: fc.constantFrom(...NAMES).map((text) => `data.${text}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', '', '0', 'x"', '\\', 'to"', 'x,"to', 'To', '\ud800', 'data.data.to'),
  },
)

const TEXTS = [
  ...[
    'Ann@Example.COM',
    'a@b@C.example',
    'no address',
    'EXAMPLE.org',
    '@',
    'a@',
    '',
    ' ',
    'İ@ΑΣ',
    'x@STRASSE.ẞ',
    'ü\n@A\nB',
  ],
  ...[
    'https://a.example/',
    'https://b.example/?q="x"&y=\\',
    '/\u0000\u001f\u007f\u2028',
    '👩‍👩‍👧‍👦',
    `long ${'y'.repeat(70_000)}@Z`,
  ],
  ...[
    '","to":"x@inside.example"',
    '{"to":"x@inside.example"}',
    ',"url":1',
    '[{',
    ':{"code":550}',
    '\\"code\\":550',
    '}',
    ']]}',
  ],
  ...[
    '\ud800',
    'a@B\udc00C',
    '\udc00\ud800x@Y',
    '\\ud800@\\Ud800',
    '\\\\\ud83d',
    '\ud83d\\ude00',
    '😀\ud83d@😀\ude00',
    '\\ufffd"\ud800"',
  ],
  ...[
    'hard',
    'Bad_Email-Address',
    'DNS\u00a0error',
    '\ufeffTran\vsient',
    'ESP\u3000block',
    'dropped',
    'BLOC\u212a',
    'unclassified',
    'content\u180e',
  ],
  ...[
    '5.1.1',
    '4.2.2',
    'smtp; 550 5.7.1 refused',
    '421 later',
    '550',
    ' 550 no',
    '\ufeff\u2028550',
    '5501',
    '550\n',
    'x\n550',
    '٥50',
    '4٥0',
  ],
  ...[
    'host 192.4.2.1 said no',
    '5.5.0',
    '2.0.0',
    '552 5.2.2',
    '5.1.010',
    '5.1.0010',
    '5.1.10.',
    '5.1.10.1',
    '5.7.13..4',
    '.5.1.1',
    '5.1.5 5.1.6',
  ],
]
/** Numbers as JSON texts, among them ones that a double does not represent. */
const NUMBERS = [
  ...[
    '0',
    '-0',
    '-0.0',
    '1',
    '550',
    '421',
    '5.71',
    '1.50',
    '5.505e2',
    '5505e-1',
    '4.5E+2',
    '1e21',
    '1E-7',
    '0.000001',
    '123e-20',
  ],
  ...[
    '9007199254740991',
    '9007199254740993',
    '18446744073709551616',
    '-9223372036854775809',
    '123456789012345678901234567890',
  ],
  ...[
    '1e999',
    '-1E999',
    '1e-400',
    '5e-324',
    '0.1000000000000000055511151231257827',
    '550000000000000000000',
    '1.7976931348623157e308',
  ],
]

const textValue = fc
  .oneof(
    { weight: 6, arbitrary: fc.constantFrom(...TEXTS) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `${text}@${text}`) },
    {
      weight: 2,
      arbitrary: fc
        .array(fc.constantFrom('4', '5', '2', '1', '0', '.', '.', ' ', '7', '18', 'x', '\n'), { maxLength: 14 })
        .map((parts) => parts.join('')),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.constantFrom('\ud83d', '\ude00', '\\', '"', 'u', 'd800', '@', 'A', 'Σ', '{', ',', ':', '[', ']'), {
          maxLength: 9,
        })
        .map((parts) => parts.join('')),
    },
  )
  .map((text) => JSON.stringify(text))
const numberValue = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)) },
  { weight: 1, arbitrary: fc.integer({ min: 390, max: 560 }).map(String) },
)
const plainValue = fc.oneof(
  { weight: 8, arbitrary: textValue },
  { weight: 3, arbitrary: numberValue },
  { weight: 1, arbitrary: fc.constantFrom('true', 'false', 'null') },
)

/** With the white space and escapes that a producer may write, and with repeated names. */
const objectOf = (value: fc.Arbitrary<string>, maxLength: number) =>
  fc
    .tuple(fc.array(fc.tuple(name, value), { maxLength }), fc.constantFrom('', ' ', '\n\t'), fc.boolean())
    .map(([fields, space, isEscaped]) => {
      const nameText = (text: string) =>
        isEscaped ? JSON.stringify(text).replace('t', String.raw`\u0074`) : JSON.stringify(text)
      return `{${fields.map(([field, text]) => `${space}${nameText(field)}${space}:${text}`).join(`${space},`)}}`
    })
const nestedValue = fc.oneof(
  { weight: 3, arbitrary: objectOf(plainValue, 4) },
  { weight: 2, arbitrary: fc.array(objectOf(plainValue, 2), { maxLength: 3 }).map((items) => `[${items.join(',')}]`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{}',
      '[]',
      '[[],{}]',
      '["to","x@y.example"]',
      `${'['.repeat(1_500)}${']'.repeat(1_500)}`,
    ),
  },
)
const fields = objectOf(fc.oneof({ weight: 9, arbitrary: plainValue }, { weight: 1, arbitrary: nestedValue }), 6)

/** A message of the subject `pipeline.message.sent`. Some are rejected. */
export const anyEventText: fc.Arbitrary<string> = fc
  .tuple(fields, fc.oneof({ weight: 5, arbitrary: fields }, { weight: 1, arbitrary: plainValue }), fc.boolean())
  .map(([own, metadata, hasMetadata]) => {
    const parts = ['"messageId":"m"', ...(hasMetadata ? [`"metadata":${metadata}`] : []), own.slice(1, -1)]
    return `{"tenantId":"t1","timestamp":${NOW},"data":{${parts.filter((part) => part.trim() !== '').join(',')}}}`
  })
