import type { WithTexts } from '../../messages/message-types.ts'
import { ownTexts } from '../../messages/messages.ts'
import { GERMAN } from './de.ts'
import { ENGLISH } from './en.ts'

export type ExplorerTexts = WithTexts<typeof ENGLISH>

/** The texts of the explorer. */
export function explorerTexts(): ExplorerTexts {
  return ownTexts<ExplorerTexts>({ en: ENGLISH, de: GERMAN })
}
