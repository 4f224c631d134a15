/**
 * One line of an import: an envelope with its subject. Pure: a text in, a message for the stream or a problem out.
 */
import { toHex } from '../../base/bytes/hexadecimal.ts'
import { isEventSubject } from '../../events/event-subject.ts'

export interface ImportedMessage {
  readonly subject: string
  readonly body: string
  /** The same line of the same file always has the same id, so that a second import stores nothing twice. */
  readonly messageId: string
}

/** The message of line `number` (from 1), or a sentence with its problem. */
export async function parseLine(line: string, number: number): Promise<ImportedMessage | string> {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    return 'The line is not JSON.'
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 'The line is not a JSON object.'
  const { subject, eventId, tenantId } = parsed as Readonly<Record<string, unknown>>
  if (typeof subject !== 'string') return 'The line has no "subject".'
  if (!isEventSubject(subject)) return `The subject ${subject.slice(0, 100)} is not the subject of an event.`
  // Larger numbers are rounded by the parser: two ids would become one, and the broker would drop the second event as a duplicate.
  const hasOwnId = (typeof eventId === 'string' && eventId !== '') || Number.isSafeInteger(eventId)
  const key = hasOwnId ? `event:${String(tenantId)}:${String(eventId)}` : `line:${number}:${line}`
  // The body is the line itself, as serialising it again would change large numbers. The id is a hash, as headers are short.
  return { subject, body: line, messageId: `import:${await sha256(key)}` }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return toHex(new Uint8Array(digest))
}
