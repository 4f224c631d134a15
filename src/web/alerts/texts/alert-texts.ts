import { ownTexts } from '../../messages/messages.ts'
import { GERMAN } from './de.ts'
import { type AlertTexts, ENGLISH } from './en.ts'

/** The texts of alerts. */
export function alertTexts(): AlertTexts {
  return ownTexts<AlertTexts>({ en: ENGLISH, de: GERMAN })
}
