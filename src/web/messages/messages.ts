/** The texts of the page in the language of the browser. English is complete; a text that another language lacks is shown in English. */
import { ENGLISH } from './en.ts'
import type { Messages, PartialMessages } from './message-types.ts'

/** The other languages, each loaded only when a browser prefers it. */
const TRANSLATIONS: Readonly<Record<string, () => Promise<PartialMessages>>> = {
  de: async () => (await import('./de.ts')).GERMAN,
}

let current: Messages = ENGLISH
let currentLanguage = 'en'

/** The texts of the page. They are set once, before the page is drawn. */
export function messages(): Messages {
  return current
}

/** The texts of a part of the page that only its own views load, in the language of the page, or in English. */
export function ownTexts<Texts>(texts: Readonly<Record<string, Texts>> & { readonly en: Texts }): Texts {
  return texts[currentLanguage] ?? texts.en
}

/** Loads the texts of the first preferred language that exists and can be loaded. Resolves with the language of the texts. */
export async function loadMessages(preferredLanguages: readonly string[]): Promise<string> {
  for (const tag of preferredLanguages) {
    const language = tag.split('-')[0]!.toLowerCase()
    if (language === 'en') break
    // A page in English is better than none when a translation cannot be loaded.
    const translation = await TRANSLATIONS[language]?.().catch(() => undefined)
    if (!translation) continue
    current = merge(ENGLISH, translation) as Messages
    currentLanguage = language
    return language
  }
  return 'en'
}

function merge(complete: object, partial: object): object {
  const merged: Record<string, unknown> = { ...complete }
  for (const [key, value] of Object.entries(partial) as [string, unknown][]) {
    const original = merged[key]
    merged[key] = isPart(original) && isPart(value) ? merge(original, value) : (value ?? original)
  }
  return merged
}

function isPart(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
