import { type TLiteral, type TObject, type TProperties, type TUnion, Type } from '@sinclair/typebox'
import { type Granularity } from './time/buckets.ts'
import { DATE_TIME_FORMATS, MAX_DATE_TIME_LENGTH } from '../base/date-time.ts'
import { TIME_RANGE_PRESETS, type TimeRangePreset } from './time/time-range.ts'

/** The pieces that the dashboards' requests and answers are described with; the docs are made from them. */

export const count = (description: string) => Type.Integer({ minimum: 0, description })
/** `more` is a sentence of its own. */
export const percentage = (description: string, note = '') =>
  Type.Number({
    minimum: 0,
    description: `${description}, in percent, rounded to 2 decimals; 0 when there is nothing to divide by.${note && ` ${note}`}`,
  })
const REPEATED_EVENTS_NOTE =
  'Every open and click counts, so it can exceed 100: a message that was delivered once and opened 3 times gives 300.'
const EARLIER_EVENT_NOTE = 'It can exceed 100 where the range holds the later event without the earlier one.'

/** By events, not by messages or runs: the rates that have no upper bound, each described once for all dashboards. */
export const deliveryRate = () => percentage('Deliveries ÷ sends in the range', EARLIER_EVENT_NOTE)
export const bounceRate = () => percentage('Bounces ÷ sends in the range', EARLIER_EVENT_NOTE)
export const openRate = () => percentage('Opens ÷ deliveries in the range', REPEATED_EVENTS_NOTE)
export const clickRate = () => percentage('Clicks ÷ deliveries in the range', REPEATED_EVENTS_NOTE)
export const completionRate = () => percentage('Completed ÷ started runs in the range', EARLIER_EVENT_NOTE)
export const conversionRate = () => percentage('Goals reached ÷ completed runs in the range', EARLIER_EVENT_NOTE)

export const text = (description: string) => Type.String({ description })
export const instant = (description: string) =>
  Type.String({ format: 'date-time', description: `${description} (UTC, ISO 8601)` })

/** An object without further properties. The parts of responses have a title, which is their name in the API's document. */
export const object = <Properties extends TProperties>(
  properties: Properties,
  description: string,
  title?: string,
): TObject<Properties> =>
  Type.Object(properties, { additionalProperties: false, description, ...(title === undefined ? {} : { title }) })

/** A tuple of literals, not a list of them: routes and typed clients read their types off it one by one. */
type LiteralsOf<Values extends readonly string[]> = { -readonly [Index in keyof Values]: TLiteral<Values[Index]> }

/** One of a closed set of texts. */
export function choice<const Values extends readonly string[]>(
  values: Values,
  description: string,
  fallback?: Values[number],
): TUnion<LiteralsOf<Values>> {
  const options = { description, ...(fallback === undefined ? {} : { default: fallback }) }
  const union: unknown = Type.Union(
    values.map((value) => Type.Literal(value)),
    options,
  )
  return union as TUnion<LiteralsOf<Values>>
}

/** Any id that an event can have: a text of any length and any characters, but for the empty one, which counts as none. What bounds it is the length of an address. */
export const entityIdParameter = (what: string) =>
  Type.Optional(Type.String({ minLength: 1, description: `Only the ${what} with this id.`, examples: [`${what}-1`] }))

export const channelParameter = () =>
  Type.Optional(choice(['email', 'sms', 'whatsapp', 'push'] as const, 'Only events of this channel.'))

export const granularityParameter = <const Values extends readonly Granularity[]>(
  values: Values,
  fallback: Values[number],
) =>
  Type.Optional(
    choice(values, 'The size of the time buckets, calendar aligned in `timezone`; weeks start on Monday.', fallback),
  )

export const pageParameters = () => ({
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000,
      default: 10,
      description: 'How many items the lists of top items hold in JSON. A file holds all of them, whatever the limit.',
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      maxLength: 4_000,
      description:
        'The `nextCursor` of a response: the lists continue behind its last item, over the same range as on the first page. Empty for the first page. Totals and series are those of the whole range on every page. Only the limit may change between pages.',
      examples: [''],
    }),
  ),
})

export const minUsageParameter = () =>
  Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000_000,
      default: 1,
      description: 'Only templates that so many messages were sent with; those with none are never listed.',
    }),
  )

/** The parameters that all dashboards share. */
export const rangeParameters = (preset: TimeRangePreset) => ({
  timeRange: Type.Optional(
    choice(
      TIME_RANGE_PRESETS,
      'From 00:00 of the day that many days before today to the end of today, in `timezone`: `1d` is yesterday and today, `7d` the last 7 days and today, 8 calendar days.',
      preset,
    ),
  ),
  startDate: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_DATE_TIME_LENGTH,
      description: `First day (2026-01-31, the whole day in \`timezone\`) or instant of the range; wins over \`timeRange\`. An instant is written as ${DATE_TIME_FORMATS}; without an offset it is local to \`timezone\`. In an address, \`+\` is written as \`%2B\`. Alone, the range runs to the end of today.`,
      examples: ['2026-01-26'],
    }),
  ),
  endDate: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_DATE_TIME_LENGTH,
      description:
        'Last day or instant of the range, written like `startDate` and included as a whole: the day, or the minute, second or part of a second that is written. Needs `startDate`; at most 2 years behind it (2024-11-28 to 2026-11-28).',
      examples: ['2026-01-28'],
    }),
  ),
  timezone: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      default: 'UTC',
      description:
        'IANA time zone that decides days, weeks, months, hours of the day and weekdays, such as Europe/Berlin.',
    }),
  ),
})

export const coreMessageCountsSchema = () => ({
  sent: count('Messages sent'),
  delivered: count('Messages delivered'),
  opened: count('Opens'),
  clicked: count('Clicks'),
})

export const messageCountsSchema = () => ({
  ...coreMessageCountsSchema(),
  bounced: count('Messages bounced'),
  complained: count('Complaints'),
  unsubscribed: count('Unsubscriptions'),
})
