import type { WithTexts } from '../../messages/message-types.ts'
import { ownTexts } from '../../messages/messages.ts'
import { GERMAN } from './de.ts'
import { ENGLISH } from './en.ts'

export type FilterTexts = WithTexts<typeof ENGLISH>

/** The texts of the editor of filters. */
export function filterTexts(): FilterTexts {
  return ownTexts<FilterTexts>({ en: ENGLISH, de: GERMAN })
}
