/** Schedules, by which reports are sent: their schema, and what of it a schema cannot express. */
import { type Static, Type } from '@sinclair/typebox'
import { choice, object } from '../../analytics/schemas.ts'
import type { FailureDetail } from '../../base/errors.ts'
import type { DefinitionFeed, DefinitionStore } from '../../definitions/ports.ts'
import { timezoneField, timezoneMistakes } from '../report.ts'
import { isMailAddress, MAX_ADDRESS_LENGTH } from '../../base/addresses/mail-address.ts'
import { WEEKDAYS } from './weekdays.ts'

const ATTACHMENTS = ['csv', 'xlsx'] as const
const MAX_RECIPIENTS = 50
const LAST_DAY = 31

const Recurrence = object(
  {
    kind: choice(['daily', 'weekly', 'monthly'], 'How often.'),
    weekdays: Type.Optional(
      Type.Array(choice(WEEKDAYS, 'A day of the week.'), {
        minItems: 1,
        maxItems: WEEKDAYS.length,
        description: 'Weekly: on which days.',
      }),
    ),
    day: Type.Optional(
      Type.Union([Type.Integer({ minimum: 1, maximum: LAST_DAY }), Type.Literal('last')], {
        description: 'Monthly: on which day; in a month that is shorter, on its last day.',
      }),
    ),
    time: Type.String({
      pattern: '^(?:[01][0-9]|2[0-3]):[0-5][0-9]$',
      description:
        'The time of day, `HH:MM`. A time that the clocks skip is moved forward by the length of the gap, and one that occurs twice means the first one.',
      examples: ['08:30'],
    }),
  },
  'When a schedule runs.',
  'Recurrence',
)
export type Recurrence = Static<typeof Recurrence>

export const ScheduleRequest = object(
  {
    reportId: Type.String({ minLength: 1, maxLength: 100, description: 'The report that is sent.' }),
    recipients: Type.Array(
      Type.String({ minLength: 1, maxLength: MAX_ADDRESS_LENGTH, description: 'A mail address.' }),
      { minItems: 1, maxItems: MAX_RECIPIENTS, description: 'Who receives it, each in a mail of its own.' },
    ),
    every: Recurrence,
    timezone: timezoneField('The time zone of `time`, of the days and of the date in the subject'),
    attachments: Type.Optional(
      Type.Array(choice(ATTACHMENTS, 'A format.'), {
        maxItems: ATTACHMENTS.length,
        default: [],
        description: 'The files that each mail has.',
      }),
    ),
    skipIfEmpty: Type.Optional(
      Type.Boolean({ default: false, description: 'Whether nothing is sent when every number of the report is 0.' }),
    ),
    enabled: Type.Optional(Type.Boolean({ default: true, description: 'Whether the schedule runs.' })),
  },
  'When and to whom a report is sent.',
  'ScheduleRequest',
)
export type ScheduleRequest = Static<typeof ScheduleRequest>

/** A schedule as it is stored: its `body` in a definition. */
export interface Schedule extends Required<ScheduleRequest> {
  /** When a client saved it last, epoch milliseconds: it does not run for instants up to then. A change by the service itself leaves it as it is. */
  readonly savedAt: number
  /** Why the service has disabled it. A schedule that a client enables again has none. */
  readonly disabledReason?: string
}
export type ScheduleStore = DefinitionStore<Schedule>
export type ScheduleFeed = DefinitionFeed<Schedule>
/** What decides when a schedule runs. */
export type ScheduleTiming = Pick<Schedule, 'every' | 'timezone'>

/** What is wrong with a schedule of the schema, apart from its report. Paths are those of the request body. */
export function scheduleMistakes({ recipients, every, timezone, attachments = [] }: ScheduleRequest): FailureDetail[] {
  return [
    ...recipients.flatMap((address, index) =>
      isMailAddress(address) ? [] : [{ path: `recipients[${index}]`, message: 'Expected a mail address.' }],
    ),
    ...repeated(
      'recipients',
      recipients.map((address) => address.toLowerCase()),
    ),
    ...repeated('attachments', attachments),
    ...repeated('every.weekdays', every.weekdays ?? []),
    ...recurrenceMistakes(every),
    ...timezoneMistakes(timezone),
  ]
}

/** The field that each kind needs and no other kind has. */
const FIELDS_OF_KIND = { weekly: 'weekdays', monthly: 'day' } as const

function recurrenceMistakes(every: Recurrence): FailureDetail[] {
  return Object.entries(FIELDS_OF_KIND).flatMap(([kind, field]) => {
    const [isOfKind, isGiven] = [every.kind === kind, every[field] !== undefined]
    if (isOfKind === isGiven) return []
    const message = isOfKind ? `A ${kind} schedule needs this field.` : `Only a ${kind} schedule has this field.`
    return [{ path: `every.${field}`, message }]
  })
}

function repeated(path: string, values: readonly string[]): FailureDetail[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) === index ? [] : [{ path: `${path}[${index}]`, message: 'Given twice.' }],
  )
}
