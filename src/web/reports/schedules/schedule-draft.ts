/** A schedule while it is edited. */
import { plannedInstants } from '../../../reports/schedule/planned-instants.ts'
import type { Recurrence, ScheduleRequest } from '../../../reports/schedule/schedule.ts'
import { WEEKDAYS, type Weekday } from '../../../reports/schedule/weekdays.ts'

export const SHOWN_RUNS = 3
export const RECURRENCE_KINDS = ['daily', 'weekly', 'monthly'] as const
type Attachment = NonNullable<ScheduleRequest['attachments']>[number]
export const ATTACHMENTS = ['csv', 'xlsx'] as const satisfies readonly Attachment[]
export const LAST = 'last'
export const MONTH_DAYS = 31
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/

export interface ScheduleDraft {
  /** As typed: addresses between commas, semicolons or white space. */
  readonly recipients: string
  readonly kind: Recurrence['kind']
  /** The days of a weekly schedule. They stay while another kind is chosen, and so does the day of a month. */
  readonly weekdays: readonly Weekday[]
  readonly day: number | typeof LAST
  readonly time: string
  readonly timezone: string
  readonly attachments: readonly Attachment[]
  readonly skipIfEmpty: boolean
  readonly enabled: boolean
}

export function newSchedule(timezone: string): ScheduleDraft {
  return {
    recipients: '',
    kind: 'weekly',
    weekdays: ['monday'],
    day: 1,
    time: '08:00',
    timezone,
    attachments: [],
    skipIfEmpty: false,
    enabled: true,
  }
}

export function draftOfSchedule(schedule: Required<ScheduleRequest>): ScheduleDraft {
  const { recipients, every, timezone, attachments, skipIfEmpty, enabled } = schedule
  const { weekdays, day } = newSchedule(timezone)
  return {
    recipients: recipients.join('\n'),
    kind: every.kind,
    weekdays: every.weekdays ?? weekdays,
    day: every.day ?? day,
    time: every.time,
    timezone,
    attachments,
    skipIfEmpty,
    enabled,
  }
}

/** The addresses of a typed list. */
export function recipientsOf(typed: string): string[] {
  return typed.split(/[\s,;]+/).filter((address) => address !== '')
}

function recurrenceOf({ kind, weekdays, day, time }: ScheduleDraft): Recurrence {
  if (kind === 'weekly') return { kind, weekdays: WEEKDAYS.filter((each) => weekdays.includes(each)), time }
  return kind === 'monthly' ? { kind, day, time } : { kind, time }
}

/** The request that stores a draft. */
export function scheduleRequestOf(draft: ScheduleDraft, reportId: string): ScheduleRequest {
  const { recipients, timezone, attachments, skipIfEmpty, enabled } = draft
  return {
    reportId,
    recipients: recipientsOf(recipients),
    every: recurrenceOf(draft),
    timezone,
    attachments: [...attachments],
    skipIfEmpty,
    enabled,
  }
}

export function isSameSchedule(a: ScheduleDraft, b: ScheduleDraft): boolean {
  return JSON.stringify(scheduleRequestOf(a, '')) === JSON.stringify(scheduleRequestOf(b, ''))
}

/** The next instants (epoch milliseconds) at which the draft would run if it was saved now; undefined while it names no day or no time. */
export function runsOf(draft: ScheduleDraft, now: number): readonly number[] | undefined {
  const hasDays = draft.kind !== 'weekly' || draft.weekdays.length > 0
  if (!hasDays || !TIME.test(draft.time)) return undefined
  if (!draft.enabled) return []
  return plannedInstants({ every: recurrenceOf(draft), timezone: draft.timezone }, now, SHOWN_RUNS)
}
