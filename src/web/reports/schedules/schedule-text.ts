/** Schedules in words. */
import { WEEKDAYS } from '../../../reports/schedule/weekdays.ts'
import type { Recurrence } from '../../../reports/schedule/schedule.ts'
import { dateFormat } from '../../format/locale.ts'
import { weekdayName } from '../../format/dates.ts'
import { reportTexts } from '../texts/report-texts.ts'

/** Such as "Monday, Thursday at 08:30". */
export function recurrenceText({ kind, weekdays = [], day, time }: Recurrence): string {
  const { schedules: texts } = reportTexts()
  if (kind === 'daily') return texts.daily(time)
  if (kind === 'monthly') return day === 'last' ? texts.monthlyLast(time) : texts.monthly(String(day), time)
  return texts.weekly(weekdays.map((each) => weekdayName(WEEKDAYS.indexOf(each), 'long')).join(', '), time)
}

/** An instant spelled out in a zone, such as "Monday, 30 November 2026 at 08:30 CET". */
export function runText(instant: number, timeZone: string): string {
  return dateFormat({
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone,
  }).format(instant)
}
