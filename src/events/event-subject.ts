import { findEventDefinition } from './catalogue.ts'

/** A space or a line break in a subject would be interpreted as part of the broker's protocol. */
const SUBJECT = /^[\w-]+(\.[\w-]+)*$/

/**
 * Whether a text from data (a header, a line of a file) is the subject of an event. A subject from data has to pass this check before anything is published on it: any
 * other text could be a command to the broker.
 */
export function isEventSubject(text: string): boolean {
  return text.length <= 256 && SUBJECT.test(text) && findEventDefinition(text) !== undefined
}
