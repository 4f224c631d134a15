import { fc } from '../../support/base/properties.ts'
import type { Parameter, Schema } from '../../support/openapi/document.ts'
import { dateOf } from '../../support/oracle/zone.ts'
import { ODD_IDS } from '../../support/traffic/traffic-journeys.ts'
import { TENANTS } from '../tenants.ts'
import { hostileText, nearMisses } from './texts.ts'

/** A parameter with its value, not encoded yet. */
export type Pair = readonly [name: string, value: string]

/** Two years, minus the hours that zones and times of day may add. */
const MAX_SPAN_DAYS = 726
const USUAL_ZONES = ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Europe/Berlin', 'Pacific/Chatham', 'Asia/Kolkata']
const ALL_ZONES = Intl.supportedValuesOf('timeZone')
/** Texts that look like zones but are not. */
const NO_ZONES = [
  '+05:30',
  'UTC+1',
  'GMT+25',
  'Mars/Base',
  'Europe/',
  '/UTC',
  '../UTC',
  'Europe//Berlin',
  'UTC/../UTC',
  'Z',
  '5',
]
const NO_DATES = [
  '2026-02-30',
  '2026-13-01',
  '20260105',
  'today',
  ' ',
  '2026-01',
  '0000-01-01',
  '9999-12-31',
  '1767225600000',
]

/** Parameters with rules that the document expresses only in words. */
const isRange = (name: string) => ['startDate', 'endDate', 'timeRange', 'compareStart', 'compareEnd'].includes(name)
const isComparison = (name: string) => ['compare', 'align', 'compareStart', 'compareEnd'].includes(name)

/** Texts of complete characters only: any other text is refused before its value is checked. */
const anyText = ({ minLength = 0, maxLength = 100 }: Schema) =>
  fc
    .array(fc.oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff })), {
      minLength,
      maxLength: Math.min(maxLength >> 1, 50),
    })
    .map((codes) => String.fromCodePoint(...codes))

const id = (kind: string) =>
  fc.oneof(
    fc.nat(11).map((number) => `${kind}-${number}`),
    // An id of this tenant or of another.
    fc.tuple(fc.nat(5), fc.constantFrom(...TENANTS)).map(([number, { mark }]) => `${kind}-${2 * number}-${mark}`),
    // Short enough to fit into an address twice, which the mistake of a repeated parameter requires.
    fc.constantFrom(...ODD_IDS.filter(({ length }) => length < 100)).map((odd) => `${kind} ${odd}`),
  )

/** A valid value of the parameter. */
export function validValue({ name, schema }: Parameter): fc.Arbitrary<string> {
  if (schema.enum) return fc.constantFrom(...schema.enum.map(String))
  if (schema.type === 'integer')
    return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 2 ** 31 }).map(String)
  if (name === 'timezone')
    return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...USUAL_ZONES) }, fc.constantFrom(...ALL_ZONES))
  const longest = fc.constant('x'.repeat(Math.min(schema.maxLength ?? 100, 1_024)))
  return fc.oneof(
    { weight: 5, arbitrary: id(name.replace(/Id$/, '')) },
    { weight: 2, arbitrary: hostileText },
    { weight: 2, arbitrary: anyText(schema) },
    { weight: 1, arbitrary: longest },
  )
}

/** A valid range: none, a preset, a start date, or both dates. */
const range: fc.Arbitrary<readonly Pair[]> = fc.oneof(
  fc.constant([]),
  fc.constantFrom('1d', '7d', '30d', '90d').map((preset): Pair[] => [['timeRange', preset]]),
  fc
    .record({ back: usually(fc.nat(30), fc.nat(700)), form: form() })
    .map(({ back, form: [first] }): Pair[] => [['startDate', first(back)]]),
  fc
    .record({
      back: usually(fc.nat(60), fc.integer({ min: -400, max: 9_000 })),
      days: usually(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 2, max: MAX_SPAN_DAYS })),
      form: form(),
    })
    .map(({ back, days, form: [first, last] }): Pair[] => [
      ['startDate', first(back)],
      ['endDate', last(back - days)],
    ]),
)

/** A valid comparison: none, with the period or the year before in either alignment, or with dates. */
const comparison: fc.Arbitrary<readonly Pair[]> = fc.oneof(
  fc.constantFrom<readonly Pair[]>([], [['compare', 'none']]),
  fc
    .tuple(fc.constantFrom('previous', 'year'), fc.constantFrom(undefined, 'weekday', 'date'))
    .map(([compare, align]): Pair[] => [
      ['compare', compare],
      ...(align === undefined ? [] : [['align', align] as Pair]),
    ]),
  fc
    .record({ back: fc.nat(300), days: fc.integer({ min: 2, max: 30 }), form: form() })
    .map(({ back, days, form: [first, last] }): Pair[] => [
      ['compare', 'custom'],
      ['compareStart', first(back)],
      ['compareEnd', last(back - days)],
    ]),
)

/** Rare, because the response of a long hourly range has a megabyte. */
function usually<T>(near: fc.Arbitrary<T>, far: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 29, arbitrary: near }, { weight: 1, arbitrary: far })
}

type Spell = (daysBack: number) => string

/** Spellings of days: as days, or as instants within them. The end is at least two days later, and therefore later in every zone. */
function form(): fc.Arbitrary<readonly [first: Spell, last: Spell]> {
  const time = fc.constantFrom('', 'T09:30', 'T09:30:15', 'T09:30:15.5', 'T09:30:15.25Z', 'T00:00:00Z', 'T12:00+05:45')
  const spell = (suffix: string) => (daysBack: number) =>
    dateOf(Math.floor(Date.now() / 86_400_000) - daysBack) + suffix
  // A start date without an end must not be in the future in any zone.
  return fc
    .tuple(time, time)
    .map(([a, b]) => [(back: number) => spell(a)(back + 2), (back: number) => spell(b)(back + 2)] as const)
}

/** Parameters that are valid together, each at most once. */
export function validPairs(parameters: readonly Parameter[]): fc.Arbitrary<readonly Pair[]> {
  // A cursor is valid only if a response contained it.
  const own = parameters.filter(
    ({ in: place, name }) => place === 'query' && !isRange(name) && !isComparison(name) && name !== 'cursor',
  )
  const each = own.map((parameter) =>
    fc.option(
      validValue(parameter).map((value): Pair => [parameter.name, value]),
      { nil: undefined, freq: parameter.required ? 1e9 : 2 },
    ),
  )
  const has = (parameter: string) => parameters.some(({ name }) => name === parameter)
  return fc
    .tuple(has('startDate') ? range : fc.constant([]), has('compare') ? comparison : fc.constant([]), fc.tuple(...each))
    .map(
      ([first, compared, rest]) =>
        [
          ...first,
          ...compared,
          // The table of the changes needs a comparison.
          ...rest.filter(
            (pair) =>
              pair !== undefined &&
              (pair[1] !== 'comparison' || pair[0] !== 'table' || compared.some(([, value]) => value !== 'none')),
          ),
        ] as Pair[],
    )
}

/** An invalid value of the parameter. */
export function wrongValue({ name, schema }: Parameter): fc.Arbitrary<string> {
  const always = fc.constantFrom('', '\0', 'a\0b')
  if (schema.enum) return fc.oneof(nearMisses(schema.enum.map(String)), hostileText, always)
  if (schema.type === 'integer') return fc.oneof(wrongInteger(schema), hostileText, always)
  if (name === 'timezone')
    return fc.oneof(
      fc.constantFrom(...NO_ZONES),
      hostileText.filter((text) => !isZone(text)),
      always,
    )
  if (isRange(name)) return fc.oneof(fc.constantFrom(...NO_DATES), hostileText, always)
  // An empty cursor means the first page.
  if (name === 'cursor') return fc.oneof(hostileText, always).filter((text) => text !== '')
  // Any other text may be an id, because events allow any text.
  const none = fc.constant('')
  return schema.maxLength === undefined ? none : fc.oneof(none, fc.constant('x'.repeat(schema.maxLength + 1)))
}

function wrongInteger({ minimum = 0, maximum = 2 ** 31 }: Schema): fc.Arbitrary<string> {
  return fc.oneof(
    fc.integer({ min: -(2 ** 31), max: minimum - 1 }).map(String),
    fc.integer({ min: maximum + 1, max: Number.MAX_SAFE_INTEGER }).map(String),
    fc.constantFrom(
      '1e1',
      ' 7 ',
      '+7',
      '07',
      '1.0',
      '-0',
      '0x10',
      '1,000',
      '٧',
      '1_0',
      'NaN',
      'Infinity',
      'true',
      '９',
      '9'.repeat(400),
    ),
    fc.double({ noNaN: true, noInteger: true }).map(String),
  )
}

/** Like the runtime, which accepts zones in any case. */
function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
