import { findEventDefinition } from './catalogue.ts'

/** What the tokens of a subject may hold: a blank or a line break would be taken for the broker's protocol. */
const SUBJECT = /^[\w-]+(\.[\w-]+)*$/

/**
 * Whether a text out of data (a header, a line of a file) is the subject of an event. Only on such subjects may something be published that data name: any other could be
 * a command to the broker.
 */
export function isEventSubject(text: string): boolean {
  return text.length <= 256 && SUBJECT.test(text) && findEventDefinition(text) !== undefined
}
