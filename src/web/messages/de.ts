/** The texts of the page in German. */
import type { PartialMessages } from './message-types.ts'

export const GERMAN: PartialMessages = {
  views: { overview: { title: 'Überblick' } },
}
