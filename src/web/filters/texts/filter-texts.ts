import { ownTexts } from '../../messages/messages.ts'
import { GERMAN } from './de.ts'
import { ENGLISH, type FilterTexts } from './en.ts'

/** The texts of the editor of filters. */
export function filterTexts(): FilterTexts {
  return ownTexts<FilterTexts>({ en: ENGLISH, de: GERMAN })
}
