/**
 * One line of an import: an envelope with the subject it belongs to. Pure; what enters is text, what leaves is a message for the stream or the reason why not.
 */
import { toHex } from '../../base/hexadecimal.ts'
import { isEventSubject } from '../../events/event-subject.ts'

export interface ImportedMessage {
  readonly subject: string
  readonly body: string
  /** The same line of the same file has the same id for ever, so that importing it again counts nothing twice. */
  readonly messageId: string
}

/** The message of line `number` (from 1), or in words what is wrong with it. */
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
  if (!isEventSubject(subject)) return `Nobody listens to the subject ${subject.slice(0, 100)}.`
  // Larger numbers come out rounded here: two ids would be one, and the broker would drop the second event as a repeat.
  const hasOwnId = (typeof eventId === 'string' && eventId !== '') || Number.isSafeInteger(eventId)
  const key = hasOwnId ? `event:${String(tenantId)}:${String(eventId)}` : `line:${number}:${line}`
  // The line as it is: written again, large numbers would come out otherwise. Hashed, as a header has no room for everything.
  return { subject, body: line, messageId: `import:${await sha256(key)}` }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return toHex(new Uint8Array(digest))
}
