/** The texts of single messages, events and contacts in the language of the page. */
import { ENGLISH } from './en.ts'
import type { Texts } from './text-types.ts'

let current: Texts = ENGLISH

export function texts(): Texts {
  return current
}

/** Loads the texts of the language of the page. English is better than none when they cannot be loaded. */
export async function loadTexts(): Promise<void> {
  if (document.documentElement.lang === 'de')
    await import('./de.ts').then(
      ({ GERMAN }) => (current = GERMAN),
      () => undefined,
    )
}

/** The text of a value that producers or later versions may extend: the value itself where there is none. */
export function textOf(known: Readonly<Record<string, string>>, value: string): string {
  return Object.hasOwn(known, value) ? known[value]! : value
}

/** The name of one event by its type. */
export function eventName(eventType: string): string {
  const { eventTypes } = current
  if (Object.hasOwn(eventTypes, eventType)) return eventTypes[eventType as keyof typeof eventTypes][0]
  const words = eventType.replace(/^sequence_enrollment_/, '').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
