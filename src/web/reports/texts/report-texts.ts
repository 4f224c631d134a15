import { ownTexts } from '../../messages/messages.ts'
import { GERMAN } from './de.ts'
import { ENGLISH, type ReportTexts } from './en.ts'

/** The texts of reports and schedules. */
export function reportTexts(): ReportTexts {
  return ownTexts<ReportTexts>({ en: ENGLISH, de: GERMAN })
}
