/** The query parameters that dashboards share. */
import { Type } from '@sinclair/typebox'
import { CHANNELS } from '../base/channels.ts'
import { DATE_TIME_FORMATS, MAX_DATE_TIME_LENGTH } from '../base/date-time.ts'
import { choice } from './schemas.ts'
import type { Granularity } from './time/buckets.ts'
import { TIME_RANGE_PRESETS, type TimeRangePreset } from './time/time-range.ts'

/** Any id that an event can have: a text of any length and any characters. The empty text counts as no id. The length of a request's address is the only bound. */
export const entityIdParameter = (entity: string) =>
  Type.Optional(
    Type.String({ minLength: 1, description: `Only the ${entity} with this id.`, examples: [`${entity}-1`] }),
  )

export const channelParameter = () => Type.Optional(choice(CHANNELS, 'Only events of this channel.'))

export const granularityParameter = <const Values extends readonly Granularity[]>(
  values: Values,
  fallback: Values[number],
) =>
  Type.Optional(
    choice(values, 'The size of the time buckets, calendar aligned in `timezone`; weeks start on Monday.', fallback),
  )

/** The parameters of dashboards with lists of items. */
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

/** The parameters of every dashboard. `preset` is the range without any of them. */
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
