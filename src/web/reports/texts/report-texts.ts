import type { WithTexts } from '../../messages/message-types.ts'
import { ownTexts } from '../../messages/messages.ts'
import { GERMAN } from './de.ts'
import { ENGLISH } from './en.ts'

export type ReportTexts = WithTexts<typeof ENGLISH>

/** The texts of reports and schedules. */
export function reportTexts(): ReportTexts {
  return ownTexts<ReportTexts>({ en: ENGLISH, de: GERMAN })
}
