import type { WithTexts } from '../../messages/message-types.ts'
import { ownTexts } from '../../messages/messages.ts'
import { GERMAN } from './de.ts'
import { ENGLISH } from './en.ts'

export type AnalysisTexts = WithTexts<typeof ENGLISH>

/** The texts of funnels and cohorts. */
export function analysisTexts(): AnalysisTexts {
  return ownTexts<AnalysisTexts>({ en: ENGLISH, de: GERMAN })
}
