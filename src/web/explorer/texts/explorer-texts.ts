import { ownTexts } from '../../messages/messages.ts'
import { GERMAN } from './de.ts'
import { ENGLISH, type ExplorerTexts } from './en.ts'

/** The texts of the explorer. */
export function explorerTexts(): ExplorerTexts {
  return ownTexts<ExplorerTexts>({ en: ENGLISH, de: GERMAN })
}
